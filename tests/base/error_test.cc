#include "framework/base/error.h"

#include <gtest/gtest.h>

namespace adjoint {
namespace {

TEST(Error, CheckNamesPlaceAndCondition) {
  EXPECT_DEATH(ADJOINT_CHECK(1 + 1 == 3),
               "error_test.cc:[0-9]+: check failed: 1 \\+ 1 == 3");
}

TEST(Error, CheckIsAnExpressionThatMayStandAlone) { ADJOINT_CHECK(true); }

}  // namespace
}  // namespace adjoint
