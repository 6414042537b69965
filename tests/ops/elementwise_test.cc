#include "framework/ops/elementwise.h"

#include <algorithm>
#include <climits>
#include <cmath>
#include <limits>
#include <type_traits>
#include <vector>

#include "framework/autograd/grad.h"
#include "framework/base/error.h"
#include "framework/core/tensor.h"
#include "gtest/gtest.h"

namespace adjoint {
namespace {

template <class T>
constexpr T kInf = std::numeric_limits<T>::infinity();
template <class T>
constexpr T kNan = std::numeric_limits<T>::quiet_NaN();

template <class T>
class ElementwiseTest : public testing::Test {};
using Floats = testing::Types<float, double>;
TYPED_TEST_SUITE(ElementwiseTest, Floats);

using Function = Tensor (*)(const Tensor&);

template <class T>
T At(Function f, T x) {
  return f(FromSpan<T>({1}, {x})).template data<T>()[0];
}

// Expects `f` to be within `ulps` units in the last place of `exact` at many
// points of [low, high].
template <class T>
void ExpectClose(Function f, long double (*exact)(long double), T low, T high,
                 double ulps) {
  using Limits = std::numeric_limits<T>;
  constexpr int kPoints = 20001;
  std::vector<T> x(kPoints);
  for (int i = 0; i < kPoints; ++i) {
    x[i] = low + (high - low) * (static_cast<T>(i) / (kPoints - 1));
  }
  const Tensor y = f(FromSpan<T>({kPoints}, x));
  for (int i = 0; i < kPoints; ++i) {
    const long double want = exact(x[i]);
    const int exponent = std::max(want == 0 ? INT_MIN : std::ilogb(want),
                                  Limits::min_exponent - 1);
    const long double ulp = std::ldexp(1.0L, exponent - Limits::digits + 1);
    ASSERT_LE(std::abs(y.data<T>()[i] - want) / ulp, ulps)
        << "at x = " << x[i] << ": " << y.data<T>()[i] << ", not " << want;
  }
}

TYPED_TEST(ElementwiseTest, ValuesFollowTheDefinitions) {
  using T = TypeParam;
  ExpectClose<T>(
      Exp, [](long double x) { return std::exp(x); }, -80, 80, 1.1);
  ExpectClose<T>(
      Log, [](long double x) { return std::log(x); }, 0.01, 99, 1);
  ExpectClose<T>(
      Sqrt, [](long double x) { return std::sqrt(x); }, 0, 99, 0.501);
  ExpectClose<T>(
      Square, [](long double x) { return x * x; }, -9, 9, 0.501);
  ExpectClose<T>(
      Relu, [](long double x) { return x > 0 ? x : 0; }, -9, 9, 0);
}

TYPED_TEST(ElementwiseTest, SigmoidAndTanhAreAccurateInBothTails) {
  using T = TypeParam;
  // Down to where 1 / (1 + e^-x) would overflow and into the denormals.
  const T far = std::is_same_v<T, float> ? 103 : 744;
  ExpectClose<T>(
      Sigmoid, [](long double x) { return 1 / (1 + std::exp(-x)); }, -far, far,
      3);
  ExpectClose<T>(
      Tanh, [](long double x) { return std::tanh(x); }, -20, 20, 2.5);
  ExpectClose<T>(
      Tanh, [](long double x) { return std::tanh(x); }, -1e-4, 1e-4, 2);
}

TYPED_TEST(ElementwiseTest, InfinitiesGoToTheLimits) {
  using T = TypeParam;
  EXPECT_EQ(At<T>(Exp, kInf<T>), kInf<T>);
  EXPECT_EQ(At<T>(Exp, -kInf<T>), 0);
  EXPECT_EQ(At<T>(Exp, 1e4), kInf<T>);
  EXPECT_EQ(At<T>(Log, kInf<T>), kInf<T>);
  EXPECT_EQ(At<T>(Sqrt, kInf<T>), kInf<T>);
  EXPECT_EQ(At<T>(Square, -kInf<T>), kInf<T>);
  EXPECT_EQ(At<T>(Relu, kInf<T>), kInf<T>);
  EXPECT_EQ(At<T>(Relu, -kInf<T>), 0);
  EXPECT_EQ(At<T>(Sigmoid, kInf<T>), 1);
  EXPECT_EQ(At<T>(Sigmoid, -kInf<T>), 0);
  EXPECT_EQ(At<T>(Tanh, kInf<T>), 1);
  EXPECT_EQ(At<T>(Tanh, -kInf<T>), -1);
}

TYPED_TEST(ElementwiseTest, LogAndSqrtMarkTheEndOfTheirDomain) {
  using T = TypeParam;
  EXPECT_EQ(At<T>(Log, 0), -kInf<T>);
  EXPECT_TRUE(std::isnan(At<T>(Log, -1)));
  EXPECT_EQ(At<T>(Sqrt, 0), 0);
  EXPECT_TRUE(std::isnan(At<T>(Sqrt, -1)));
}

TYPED_TEST(ElementwiseTest, DenormalsAreNotFlushed) {
  using T = TypeParam;
  const T tiny = std::numeric_limits<T>::denorm_min();
  EXPECT_EQ(At<T>(Relu, tiny), tiny);
  EXPECT_EQ(At<T>(Tanh, tiny), tiny);
  EXPECT_NEAR(At<T>(Log, tiny), std::log(static_cast<long double>(tiny)), 1e-4);
}

TYPED_TEST(ElementwiseTest, NanStaysNan) {
  using T = TypeParam;
  for (Function f : {Exp, Log, Sqrt, Square, Relu, Sigmoid, Tanh}) {
    // Long enough for the vectorised part of the loop.
    const std::vector<T> x(67, kNan<T>);
    const Tensor y = f(FromSpan<T>({67}, x));
    for (T value : y.data<T>()) EXPECT_TRUE(std::isnan(value));
  }
}

TYPED_TEST(ElementwiseTest, ReluIsFlatAtTheKink) {
  using T = TypeParam;
  const Tensor x = Leaf(FromValues<T>({4}, {-1, -0.0, 0, 1}));
  const Tensor seed = FromValues<T>({4}, {5, 5, 5, 5});
  const Tensor dx = Grad(Relu(x), {x}, {.seed = seed})[0];
  EXPECT_EQ(dx.data<T>(), std::vector<T>({0, 0, 0, 5}));
}

TYPED_TEST(ElementwiseTest, SqrtIsInfinitelySteepAtZero) {
  using T = TypeParam;
  const Tensor x = Leaf(FromValues<T>({}, {0}));
  EXPECT_EQ(Grad(Sqrt(x), {x})[0].item(), kInf<T>);
}

TYPED_TEST(ElementwiseTest, SaturatedGradientsAreZeroNotNan) {
  using T = TypeParam;
  for (Function f : {Sigmoid, Tanh}) {
    const Tensor x = Leaf(FromValues<T>({2}, {-1e30, 1e30}));
    const Tensor dx = Grad(f(x), {x}, {.seed = FromValues<T>({2}, {1, 1})})[0];
    EXPECT_EQ(dx.data<T>(), std::vector<T>({0, 0}));
  }
}

TEST(Elementwise, KeepsShapeAndDtype) {
  for (DType dtype : {DType::kF32, DType::kF64}) {
    for (const Shape& shape : {Shape({}), Shape({0, 3}), Shape({2, 1, 2})}) {
      for (Function f : {Exp, Log, Sqrt, Square, Relu, Sigmoid, Tanh}) {
        const Tensor y = f(Ones(shape, dtype));
        EXPECT_EQ(y.shape(), shape);
        EXPECT_EQ(y.dtype(), dtype);
      }
    }
  }
}

TEST(Elementwise, IntegersAreRefused) {
  try {
    Tanh(Ones({2, 3}, DType::kI32));
    FAIL() << "did not throw";
  } catch (const DTypeError& e) {
    EXPECT_STREQ(e.what(), "tanh: operand 0 must be f32 or f64: i32 [2,3]");
  }
}

}  // namespace
}  // namespace adjoint
