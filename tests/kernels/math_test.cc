#include "framework/kernels/math.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iterator>
#include <limits>
#include <numbers>
#include <type_traits>
#include <vector>

#include "framework/base/rng.h"
#include "framework/base/vectorize.h"
#include "framework/kernels/normal_cdf.h"
#include "framework/kernels/trigonometry.h"
#include "tests/kernels/ulp.h"

namespace adjoint::kernels {
namespace {

// Numbers of every kind, and as many within [-20, 20].
template <class T>
std::vector<T> Sample() {
  std::vector<T> sample = NumbersOfEveryKind<T>();
  Rng rng(1);
  std::vector<T> near(300'000);
  rng.FillUniform(absl::MakeSpan(near), -20, 20);
  sample.insert(sample.end(), near.begin(), near.end());
  // Where the exponential's results are no normal numbers any more.
  const double low = sizeof(T) == 4 ? -104 : -746;
  rng.FillUniform(absl::MakeSpan(near), low, low + 20);
  sample.insert(sample.end(), near.begin(), near.end());
  return sample;
}

// The largest error of `function`, applied in a vectorised loop, for the
// numbers that are `allowed`.
template <class T, class Fn, class Exact, class Allowed>
double WorstError(Fn function, Exact exact, Allowed allowed) {
  const std::vector<T> x = Sample<T>();
  std::vector<T> y(x.size());
  WithWidestVectors([&] {
    const T* __restrict in = x.data();
    T* __restrict out = y.data();
    for (size_t i = 0; i < x.size(); ++i) out[i] = function(in[i]);
  });
  double worst = 0;
  T where = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    if (!allowed(x[i])) continue;
    const double error = UlpError(y[i], exact(static_cast<long double>(x[i])));
    if (error > worst) {
      worst = error;
      where = x[i];
    }
  }
  std::printf("worst %.3f ULP at %.9g\n", worst, static_cast<double>(where));
  return worst;
}

constexpr auto kAll = [](auto) { return true; };

template <class T>
class Math : public ::testing::Test {};
using Types = ::testing::Types<float, double>;
TYPED_TEST_SUITE(Math, Types);

TYPED_TEST(Math, ExpErrsByLittleMoreThanOneUlp) {
  using T = TypeParam;
  EXPECT_LE(WorstError<T>([](T x) { return Exp(x); },
                          [](long double x) { return std::exp(x); }, kAll),
            1.1);
}

TYPED_TEST(Math, ExpOfNonPositiveErrsByLittleMoreThanOneUlp) {
  using T = TypeParam;
  EXPECT_LE(WorstError<T>([](T x) { return ExpOfNonPositive(x); },
                          [](long double x) { return std::exp(x); },
                          [](T x) { return !(x > 0); }),
            1.1);
}

TYPED_TEST(Math, LogErrsByLessThanOneUlp) {
  using T = TypeParam;
  EXPECT_LE(WorstError<T>([](T x) { return Log(x); },
                          [](long double x) { return std::log(x); }, kAll),
            0.9);
}

TYPED_TEST(Math, Log1pErrsByOneAndAQuarterUlpsAtMost) {
  using T = TypeParam;
  EXPECT_LE(WorstError<T>([](T x) { return Log1p(x); },
                          [](long double x) { return std::log1p(x); },
                          [](T x) { return x >= 0 && x <= 1; }),
            1.25);
}

TYPED_TEST(Math, TanhErrsByTwoAndAHalfUlpsAtMost) {
  using T = TypeParam;
  EXPECT_LE(WorstError<T>([](T x) { return Tanh(x); },
                          [](long double x) { return std::tanh(x); }, kAll),
            2.5);
}

TYPED_TEST(Math, SigmoidErrsByTwoAndAHalfUlpsAtMost) {
  using T = TypeParam;
  const auto exact = [](long double x) -> long double {
    // In the left tail 1 + e^-x overflows or e^x is exact enough.
    return x < -60 ? std::exp(x) : 1 / (1 + std::exp(-x));
  };
  EXPECT_LE(WorstError<T>([](T x) { return Sigmoid(x); }, exact, kAll), 2.5);
}

TYPED_TEST(Math, SoftplusErrsByTwoUlpsAtMost) {
  using T = TypeParam;
  const auto exact = [](long double x) -> long double {
    return x > 60 ? x + std::exp(-x) : std::log1p(std::exp(x));
  };
  EXPECT_LE(WorstError<T>([](T x) { return Softplus(x); }, exact, kAll), 2.0);
}

TYPED_TEST(Math, NormalCdfErrsBySevenUlpsAtMost) {
  using T = TypeParam;
  EXPECT_LE(WorstError<T>([](T x) { return NormalCdf(x); },
                          [](long double x) {
                            return std::erfc(-x / std::sqrt(2.0L)) / 2;
                          },
                          kAll),
            7);
}

// The same for a function of whole spans.
template <class T, class Fn, class Exact>
double WorstErrorOfSpan(Fn function, Exact exact, const std::vector<T>& x) {
  std::vector<T> y(x.size());
  function(absl::MakeConstSpan(x), absl::MakeSpan(y));
  double worst = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    worst =
        std::max(worst, UlpError(y[i], exact(static_cast<long double>(x[i]))));
  }
  std::printf("worst %.3f ULP\n", worst);
  return worst;
}

TYPED_TEST(Math, SinAndCosErrByLessThanOneUlp) {
  using T = TypeParam;
  const auto sin = [](long double v) { return std::sin(v); };
  const auto cos = [](long double v) { return std::cos(v); };
  // Beyond 10^6 the bound is the C library's.
  const std::vector<T> all = Sample<T>();
  EXPECT_LT(WorstErrorOfSpan<T>(SinOf<T>, sin, all), 1);
  EXPECT_LT(WorstErrorOfSpan<T>(CosOf<T>, cos, all), 1);
  std::vector<T> x;
  std::copy_if(all.begin(), all.end(), std::back_inserter(x),
               [](T v) { return !(std::abs(v) > T(1e6)); });
  // Where the results are as small as they get.
  for (int n = 1; n < 600'000; n += 7) {
    const auto zero = static_cast<T>(n * std::numbers::pi_v<long double> / 2);
    x.insert(x.end(), {zero, std::nextafter(zero, T(0)), -zero});
  }
  const double bound = sizeof(T) == sizeof(float) ? 0.51 : 0.9;
  EXPECT_LE(WorstErrorOfSpan<T>(SinOf<T>, sin, x), bound);
  EXPECT_LE(WorstErrorOfSpan<T>(CosOf<T>, cos, x), bound);
}

TYPED_TEST(Math, SinKeepsTheSignOfZero) {
  using T = TypeParam;
  const std::vector<T> x = {0, T(-0.0)};
  std::vector<T> y(2);
  SinOf<T>(x, absl::MakeSpan(y));
  EXPECT_FALSE(std::signbit(y[0]));
  EXPECT_TRUE(std::signbit(y[1]));
}

TEST(WithWidestVectors, CallsTheLoopOnce) {
  int calls = 0;
  WithWidestVectors([&] { ++calls; });
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace adjoint::kernels
