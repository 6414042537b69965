#include "framework/ops/activation.h"

#include <cmath>
#include <limits>
#include <numbers>
#include <type_traits>
#include <vector>

#include "framework/autograd/grad.h"
#include "framework/core/tensor.h"
#include "gtest/gtest.h"

namespace adjoint {
namespace {

template <class T>
constexpr T kInf = std::numeric_limits<T>::infinity();

template <class T>
class ActivationTest : public testing::Test {};
using Floats = testing::Types<float, double>;
TYPED_TEST_SUITE(ActivationTest, Floats);

using Function = Tensor (*)(const Tensor&);
Tensor Leaky(const Tensor& x) { return LeakyRelu(x, 0.25); }

template <class T>
T At(Function f, T x) {
  return f(FromValues<T>({1}, {x})).template data<T>()[0];
}

template <class T>
T SlopeAt(Function f, T x) {
  const Tensor leaf = Leaf(FromValues<T>({}, {x}));
  return static_cast<T>(Grad(f(leaf), {leaf})[0].item());
}

double SecondDerivativeAt(Function f, double x) {
  const Tensor leaf = Leaf(FromValues<double>({}, {x}));
  const Tensor slope = Grad(f(leaf), {leaf}, {.create_graph = true})[0];
  return Grad(slope, {leaf})[0].item();
}

// Expects `f` to be within `roundings` of `exact` on [low, high].
template <class T>
void ExpectClose(Function f, long double (*exact)(long double), T low, T high,
                 double roundings) {
  constexpr int kPoints = 5001;
  std::vector<T> x(kPoints);
  for (int i = 0; i < kPoints; ++i) {
    x[i] = low + (high - low) * (static_cast<T>(i) / (kPoints - 1));
  }
  const Tensor y = f(FromSpan<T>({kPoints}, x));
  for (int i = 0; i < kPoints; ++i) {
    const long double want = exact(x[i]);
    ASSERT_NEAR(y.data<T>()[i], want,
                roundings * std::numeric_limits<T>::epsilon() * std::abs(want))
        << "at x = " << x[i];
  }
}

TYPED_TEST(ActivationTest, SoftplusAndLogSigmoidAreAccurateInBothTails) {
  using T = TypeParam;
  // Beyond where e^x overflows on one side; to the smallest normal numbers on
  // the other.
  const T far = std::is_same_v<T, float> ? 87 : 708;
  const T beyond = std::is_same_v<T, float> ? 1e4 : 1e6;
  ExpectClose<T>(
      Softplus, [](long double x) { return std::log1p(std::exp(x)); }, -far,
      10000, 4);
  ExpectClose<T>(
      LogSigmoid, [](long double x) { return -std::log1p(std::exp(-x)); },
      -10000, far, 4);
  EXPECT_EQ(At<T>(Softplus, beyond), beyond);
  EXPECT_EQ(At<T>(LogSigmoid, -beyond), -beyond);
}

TYPED_TEST(ActivationTest, GeluAndSiluFollowTheDefinitions) {
  using T = TypeParam;
  // The relative error of erfc(z) is about z^2 roundings.
  ExpectClose<T>(
      Gelu,
      [](long double x) {
        return x * std::erfc(-x / std::numbers::sqrt2_v<long double>) / 2;
      },
      -10, 10, 300);
  ExpectClose<T>(
      Silu, [](long double x) { return x / (1 + std::exp(-x)); }, -80, 80, 4);
}

TYPED_TEST(ActivationTest, HaveTheirKnownValues) {
  using T = TypeParam;
  constexpr T kTolerance = 4 * std::numeric_limits<T>::epsilon();
  EXPECT_NEAR(At<T>(Softplus, 0), std::numbers::ln2, kTolerance);
  EXPECT_NEAR(At<T>(LogSigmoid, 0), -std::numbers::ln2, kTolerance);
  EXPECT_NEAR(At<T>(Gelu, 1), 0.84134474606854294859, kTolerance);
  EXPECT_NEAR(At<T>(Gelu, -1), -0.15865525393145705141, kTolerance);
  EXPECT_NEAR(At<T>(Silu, 1), 0.73105857863000487926, kTolerance);
  EXPECT_EQ(At<T>(Leaky, 3), 3);
  EXPECT_EQ(At<T>(Leaky, -3), -0.75);
  EXPECT_NEAR(LeakyRelu(FromValues<T>({}, {-3})).item(), -0.03, kTolerance);
}

TYPED_TEST(ActivationTest, HaveTheirKnownDerivativesAtZero) {
  using T = TypeParam;
  for (Function f : {Softplus, LogSigmoid, Gelu, Silu}) {
    EXPECT_EQ(SlopeAt<T>(f, 0), 0.5);
  }
  EXPECT_NEAR(SecondDerivativeAt(Softplus, 0), 0.25, 1e-15);
  EXPECT_NEAR(SecondDerivativeAt(LogSigmoid, 0), -0.25, 1e-15);
  // 2 / sqrt(2 pi)
  EXPECT_NEAR(SecondDerivativeAt(Gelu, 0), 0.79788456080286535588, 1e-15);
  EXPECT_NEAR(SecondDerivativeAt(Silu, 0), 0.5, 1e-15);
  EXPECT_EQ(SlopeAt<T>(Leaky, 0), 0.25);
}

TYPED_TEST(ActivationTest, InfinitiesGoToTheLimits) {
  using T = TypeParam;
  struct Case {
    Function f;
    T left, right, left_slope, right_slope;
  };
  for (const Case& c : std::vector<Case>{
           {Softplus, 0, kInf<T>, 0, 1},
           {LogSigmoid, -kInf<T>, 0, 1, 0},
           {Gelu, 0, kInf<T>, 0, 1},
           {Silu, 0, kInf<T>, 0, 1},
           {Leaky, -kInf<T>, kInf<T>, 0.25, 1},
       }) {
    EXPECT_EQ(At<T>(c.f, -kInf<T>), c.left);
    EXPECT_EQ(At<T>(c.f, kInf<T>), c.right);
    for (T huge : {std::numeric_limits<T>::max(), kInf<T>}) {
      EXPECT_EQ(SlopeAt<T>(c.f, -huge), c.left_slope);
      EXPECT_EQ(SlopeAt<T>(c.f, huge), c.right_slope);
    }
  }
}

TYPED_TEST(ActivationTest, NanStaysNan) {
  using T = TypeParam;
  for (Function f : {Softplus, LogSigmoid, Gelu, Silu, Leaky}) {
    // Long enough for the vectorised part of the loop.
    const std::vector<T> x(67, std::numeric_limits<T>::quiet_NaN());
    const Tensor y = f(FromSpan<T>({67}, x));
    for (T value : y.data<T>()) EXPECT_TRUE(std::isnan(value));
  }
}

}  // namespace
}  // namespace adjoint
