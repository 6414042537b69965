#include "framework/testing/ops_readme.h"

#include <gtest/gtest.h>

#include "framework/base/file.h"
#include "framework/core/catalog.h"

namespace adjoint::testing {
namespace {

// It also fails when the linker has dropped an op.
TEST(OpsReadme, IsUpToDate) {
  const absl::StatusOr<std::string> page = ReadFile("framework/ops/README.md");
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_EQ(*page, OpsReadme())
      << "run ./bazelw run //framework/testing:ops_readme_main";
}

}  // namespace
}  // namespace adjoint::testing
