#include "framework/core/dtype.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <type_traits>

namespace adjoint {
namespace {

TEST(DType, NamesTellKindAndBits) {
  EXPECT_EQ(Name(DType::kF32), "f32");
  EXPECT_EQ(Name(DType::kF64), "f64");
  EXPECT_EQ(Name(DType::kI32), "i32");
}

TEST(DType, OnlyI32IsNoFloat) {
  EXPECT_TRUE(IsFloat(DType::kF32));
  EXPECT_TRUE(IsFloat(DType::kF64));
  EXPECT_FALSE(IsFloat(DType::kI32));
}

TEST(DType, VisitGivesTheTypeThatTheDTypeNames) {
  for (const DType dtype : {DType::kF32, DType::kF64, DType::kI32}) {
    VisitDType(dtype, [dtype](auto zero) {
      using T = decltype(zero);
      EXPECT_EQ(zero, T{0});
      EXPECT_EQ(kDTypeOf<T>, dtype);
      EXPECT_EQ(SizeOf(dtype), sizeof(T));
      EXPECT_EQ(IsFloat(dtype), std::is_floating_point_v<T>);
    });
  }
}

TEST(DType, VisitReturnsWhatTheFunctionReturns) {
  const auto size = [](auto zero) { return sizeof(zero); };
  EXPECT_EQ(VisitDType(DType::kI32, size), 4);
  EXPECT_EQ(VisitFloat(DType::kF32, size), 4);
  EXPECT_EQ(VisitFloat(DType::kF64, size), 8);
}

TEST(DType, VisitFloatNeedsNoIntegerCode) {
  const auto half = [](auto zero) {
    static_assert(std::is_floating_point_v<decltype(zero)>);
    return static_cast<double>(zero + 0.5f);
  };
  EXPECT_EQ(VisitFloat(DType::kF32, half), 0.5);
  EXPECT_EQ(VisitFloat(DType::kF64, half), 0.5);
}

}  // namespace
}  // namespace adjoint
