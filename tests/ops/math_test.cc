#include "framework/ops/math.h"

#include <cmath>
#include <limits>
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
class MathTest : public testing::Test {};
using Floats = testing::Types<float, double>;
TYPED_TEST_SUITE(MathTest, Floats);

template <class T>
T PowAt(T x, double exponent) {
  return Pow(FromValues<T>({1}, {x}), exponent).template data<T>()[0];
}

// d^order Pow(x, exponent) / dx^order at one x.
template <class T>
double PowDerivative(T x, double exponent, int order) {
  const Tensor leaf = Leaf(FromValues<T>({}, {x}));
  Tensor y = Pow(leaf, exponent);
  for (int i = 0; i < order; ++i) {
    y = Grad(y, {leaf}, {.create_graph = true})[0];
  }
  return y.item();
}

// Expects `f` to be within a few roundings of `exact` on [low, high].
template <class T, class Fn, class Exact>
void ExpectClose(Fn f, Exact exact, T low, T high) {
  constexpr int kPoints = 5001;
  std::vector<T> x(kPoints);
  for (int i = 0; i < kPoints; ++i) {
    x[i] = low + (high - low) * (static_cast<T>(i) / (kPoints - 1));
  }
  const Tensor y = f(FromSpan<T>({kPoints}, x));
  for (int i = 0; i < kPoints; ++i) {
    const long double want = exact(static_cast<long double>(x[i]));
    ASSERT_NEAR(y.data<T>()[i], want,
                2 * std::numeric_limits<T>::epsilon() * std::abs(want))
        << "at x = " << x[i];
  }
}

TYPED_TEST(MathTest, ValuesFollowTheDefinitions) {
  using T = TypeParam;
  ExpectClose<T>(
      Abs, [](long double x) { return std::abs(x); }, -9, 9);
  ExpectClose<T>(
      Sin, [](long double x) { return std::sin(x); }, -30, 30);
  ExpectClose<T>(
      Cos, [](long double x) { return std::cos(x); }, -30, 30);
  for (double c : {2.5, -1.5, 0.5, 3.0, -1.0}) {
    ExpectClose<T>(
        [c](const Tensor& x) { return Pow(x, c); },
        [c](long double x) { return std::pow(x, static_cast<long double>(c)); },
        0.01, 20);
  }
  for (int c : {3, 2, 1, -2}) {
    ExpectClose<T>([c](const Tensor& x) { return Pow(x, c); },
                   [c](long double x) {
                     long double power = 1;
                     for (int i = 0; i < std::abs(c); ++i) power *= x;
                     return c < 0 ? 1 / power : power;
                   },
                   -20, -0.01);
  }
}

TYPED_TEST(MathTest, SignIsOfEachKind) {
  using T = TypeParam;
  const Tensor y =
      Sign(FromValues<T>({6}, {-kInf<T>, -0.1, 0, 0.1, kInf<T>, kNan<T>}));
  const std::vector<T> want = {-1, -1, 0, 1, 1};
  EXPECT_EQ(y.data<T>().subspan(0, 5), want);
  EXPECT_TRUE(std::isnan(y.data<T>()[5]));
}

TYPED_TEST(MathTest, AbsIsFlatAtTheKink) {
  using T = TypeParam;
  const Tensor x = Leaf(FromValues<T>({4}, {-3, -0.0, 0, 3}));
  const Tensor seed = FromValues<T>({4}, {5, 5, 5, 5});
  EXPECT_EQ(Grad(Abs(x), {x}, {.seed = seed})[0].template data<T>(),
            std::vector<T>({-5, 0, 0, 5}));
}

TYPED_TEST(MathTest, ThereIsNoSineOfInfinity) {
  using T = TypeParam;
  const Tensor x = FromValues<T>({3}, {kInf<T>, -kInf<T>, kNan<T>});
  for (const Tensor& y : {Sin(x), Cos(x)}) {
    for (T value : y.data<T>()) EXPECT_TRUE(std::isnan(value));
  }
}

TYPED_TEST(MathTest, PowHasTheValuesOfCAtTheEdges) {
  using T = TypeParam;
  EXPECT_EQ(PowAt<T>(0, 0), 1);
  EXPECT_EQ(PowAt<T>(0, 0.5), 0);
  EXPECT_EQ(PowAt<T>(0, -2), kInf<T>);
  EXPECT_EQ(PowAt<T>(-0.0, -3), -kInf<T>);
  EXPECT_EQ(PowAt<T>(-kInf<T>, 3), -kInf<T>);
  EXPECT_EQ(PowAt<T>(kInf<T>, -1), 0);
  EXPECT_EQ(PowAt<T>(kNan<T>, 0), 1);
  EXPECT_TRUE(std::isnan(PowAt<T>(-1, 0.5)));
  EXPECT_TRUE(std::isnan(PowAt<T>(kNan<T>, 2)));
}

TYPED_TEST(MathTest, PowersHaveAllDerivativesAtZero) {
  using T = TypeParam;
  const double factorial[] = {1, 1, 2, 6};
  for (int exponent : {0, 1, 2, 3}) {
    for (int order : {1, 2, 3, 4}) {
      EXPECT_EQ(PowDerivative<T>(0, exponent, order),
                order == exponent ? factorial[order] : 0)
          << "x^" << exponent << ", order " << order;
    }
  }
  EXPECT_EQ(PowDerivative<T>(0, 0.5, 1), kInf<double>);
  EXPECT_EQ(PowDerivative<T>(0, 1.5, 1), 0);
  EXPECT_EQ(PowDerivative<T>(0, 1.5, 2), kInf<double>);
}

TYPED_TEST(MathTest, PowDifferentiatesAtNegativeNumbers) {
  using T = TypeParam;
  EXPECT_EQ(PowDerivative<T>(-2, 3, 1), 12);
  EXPECT_EQ(PowDerivative<T>(-2, 3, 2), -12);
  EXPECT_EQ(PowDerivative<T>(-2, -1, 1), -0.25);
  EXPECT_TRUE(std::isnan(PowDerivative<T>(-2, 0.5, 1)));
}

TEST(Math, TheFourthDerivativeOfTheSineIsTheSine) {
  const Tensor x = Leaf(FromValues<double>({}, {0.7}));
  Tensor y = Sin(x);
  for (int i = 0; i < 4; ++i) y = Grad(y, {x}, {.create_graph = true})[0];
  EXPECT_NEAR(y.item(), std::sin(0.7), 1e-15);
}

TEST(Math, IntegersAreRefused) {
  try {
    Pow(Ones({2, 3}, DType::kI32), 2);
    FAIL() << "did not throw";
  } catch (const DTypeError& e) {
    EXPECT_STREQ(e.what(), "pow: operand 0 must be f32 or f64: i32 [2,3]");
  }
}

}  // namespace
}  // namespace adjoint
