#include "framework/kernels/power.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <type_traits>
#include <vector>

#include "framework/base/rng.h"
#include "tests/kernels/ulp.h"

namespace adjoint::kernels {
namespace {

template <class T>
class Power : public ::testing::Test {};
using Types = ::testing::Types<float, double>;
TYPED_TEST_SUITE(Power, Types);

template <class T>
std::vector<T> PowersOf(const std::vector<T>& x, T c) {
  std::vector<T> y(x.size());
  PowerOf<T>(x, c, absl::MakeSpan(y));
  return y;
}

template <class T>
double WorstError(const std::vector<T>& x, T c) {
  const std::vector<T> y = PowersOf(x, c);
  double worst = 0;
  T where = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    const double error = UlpError(y[i], std::pow(static_cast<long double>(x[i]),
                                                 static_cast<long double>(c)));
    if (error > worst) {
      worst = error;
      where = x[i];
    }
  }
  std::printf("x^%g: worst %.3f ULP at %.17g\n", static_cast<double>(c), worst,
              static_cast<double>(where));
  return worst;
}

// Every exponent of x, and as many near 1, where the logarithm is small.
template <class T>
std::vector<T> Bases() {
  std::vector<T> x;
  for (size_t i = 0; const T v : NumbersOfEveryKind<T>()) {
    if (i++ % 10 == 0) x.push_back(v);
  }
  Rng rng(2);
  std::vector<T> near(20'000);
  rng.FillUniform(absl::MakeSpan(near), 0.5, 2);
  x.insert(x.end(), near.begin(), near.end());
  rng.FillUniform(absl::MakeSpan(near), 1 - 1e-6, 1 + 1e-6);
  x.insert(x.end(), near.begin(), near.end());
  return x;
}

TYPED_TEST(Power, ErrsByLittleMoreThanHalfAnUlp) {
  using T = TypeParam;
  const double bound = sizeof(T) == sizeof(float) ? 0.51 : 0.9;
  for (const double c : {2.5, -1.5, 1. / 3, 0.1, -0.01, 1e-5, 7., -2., 4., 10.,
                         -33., 100.5, -700., 1e4, -1e7, 3e9}) {
    EXPECT_LE(WorstError(Bases<T>(), static_cast<T>(c)), bound);
  }
}

TYPED_TEST(Power, OfCommonExponentsIsRoundedOnceOrTwice) {
  using T = TypeParam;
  for (const double c : {1., 2., 0.5, -1.}) {
    EXPECT_LE(WorstError(Bases<T>(), static_cast<T>(c)), 0.5) << c;
  }
  EXPECT_LE(WorstError(Bases<T>(), T(3)), 1.5);
  EXPECT_LE(WorstError(Bases<T>(), T(-0.5)), 1.5);
}

// C17, annex F.10.4.4, as the C library has it.
TYPED_TEST(Power, IsThatOfTheCLibraryAtZerosInfinitiesAndNan) {
  using T = TypeParam;
  constexpr T kInfinity = std::numeric_limits<T>::infinity();
  constexpr T kNan = std::numeric_limits<T>::quiet_NaN();
  constexpr T kTiny = std::numeric_limits<T>::denorm_min();
  constexpr T kHuge = std::numeric_limits<T>::max();
  const std::vector<T> x = {0,  T(-0.0), 1,     -1,        T(0.5),    T(-0.5),
                            2,  -2,      kTiny, -kTiny,    kHuge,     -kHuge,
                            -8, kNan,    -kNan, kInfinity, -kInfinity};
  for (const T c : {T(0),   T(-0.0), T(1),   T(-1),     T(2),       T(-2),
                    T(3),   T(-3),   T(0.5), T(-0.5),   T(1. / 3),  T(-1. / 3),
                    T(2.5), T(5),    T(-5),  T(1e30),   T(-1e30),   kTiny,
                    -kTiny, kHuge,   -kHuge, kInfinity, -kInfinity, kNan}) {
    const std::vector<T> y = PowersOf(x, c);
    for (size_t i = 0; i < x.size(); ++i) {
      const T want = std::pow(x[i], c);
      if (std::isnan(want)) {
        EXPECT_TRUE(std::isnan(y[i])) << x[i] << "^" << c << " = " << y[i];
        continue;
      }
      EXPECT_EQ(std::signbit(y[i]), std::signbit(want)) << x[i] << "^" << c;
      if (want == 0 || std::isinf(want)) {
        EXPECT_EQ(y[i], want) << x[i] << "^" << c;
      } else {
        EXPECT_LE(UlpError(y[i], static_cast<long double>(want)), 2)
            << x[i] << "^" << c << " = " << y[i];
      }
    }
  }
}

TYPED_TEST(Power, OfWholeNumbersIsExactWhereItIsANumber) {
  using T = TypeParam;
  for (int base = 2; base <= 12; ++base) {
    T want = 1;
    for (int c = 1; want * base < T(1e7); ++c) {
      want *= base;
      EXPECT_EQ(PowersOf<T>({T(base)}, T(c))[0], want) << base << "^" << c;
    }
  }
}

}  // namespace
}  // namespace adjoint::kernels
