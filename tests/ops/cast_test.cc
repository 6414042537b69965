#include "framework/ops/cast.h"

#include <gtest/gtest.h>

#include <vector>

#include "framework/autograd/grad.h"
#include "framework/base/error.h"
#include "framework/ops/arithmetic.h"
#include "framework/ops/reduce.h"

namespace adjoint {
namespace {

TEST(Cast, RoundsToTheNearest) {
  const Tensor x = FromValues<double>({2}, {0.1, 1 + 1e-12});
  const Tensor y = Cast(x, DType::kF32);
  EXPECT_EQ(y.dtype(), DType::kF32);
  EXPECT_EQ(y.data<float>()[0], 0.1f);
  EXPECT_EQ(y.data<float>()[1], 1.0f);
}

TEST(Cast, MakesNumbersOfIntegers) {
  const Tensor x = FromValues<int32_t>({3}, {-7, 0, 16777217});
  EXPECT_EQ(Cast(x, DType::kF64).data<double>()[2], 16777217.0);
  EXPECT_EQ(Cast(x, DType::kF32).data<float>()[0], -7.0f);
}

TEST(Cast, IsTheTensorItselfIfNothingChanges) {
  const Tensor x = Leaf(Ones({2}));
  EXPECT_EQ(Cast(x, DType::kF32).node(), x.node());
}

TEST(Cast, CastsTheGradientBack) {
  const Tensor x = Leaf(FromValues({2}, {3, 4}));
  const Tensor wide = Cast(x, DType::kF64);
  const Tensor dx = Grad(Sum(wide * wide), {x})[0];
  EXPECT_EQ(dx.dtype(), DType::kF32);
  EXPECT_EQ(dx.data<float>()[0], 6);
  EXPECT_EQ(dx.data<float>()[1], 8);
}

TEST(Cast, RefusesToMakeIntegers) {
  EXPECT_THROW(Cast(Ones({2}), DType::kI32), DTypeError);
  EXPECT_THROW(Cast(Zeros({2}, DType::kI32), DType::kI32), DTypeError);
}

}  // namespace
}  // namespace adjoint
