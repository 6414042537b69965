// x^c = e^(c log|x|), with a sign. An error of the exponent is a relative one
// of the power, and the exponent may be as large as 745: floats are computed as
// doubles, and doubles have their logarithm as the unevaluated sum of two.
#include "framework/kernels/power.h"

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include "framework/kernels/elementwise.h"
#include "framework/kernels/math.h"

namespace adjoint::kernels {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// The number high + low, with |low| at most an ULP of high.
struct Pair {
  double high, low;
};

// log(x) for x >= 0, its error below 2^-64 of it. As Log of math.h, with
//
//   log(1 + f) = 2 s (1 + z/3 + z^2 (1/5 + z/7 + ...)),  s = f / (2 + f),
//
// z = s^2 <= 0.0295, in which all but the last bracket are pairs.
inline Pair LogOf(double x) {
  using C = math_internal::Constants<double>;
  constexpr double kScale = 0x1p52;
  constexpr uint64_t kOffset = std::bit_cast<uint64_t>(1.0) -
                               std::bit_cast<uint64_t>(0.70710678118654752);
  const bool denormal = x < std::numeric_limits<double>::min();
  const auto bits = std::bit_cast<uint64_t>(denormal ? x * kScale : x);
  const uint64_t biased = (bits + kOffset) >> C::kMantissa;
  const double f =
      std::bit_cast<double>(bits - ((biased - C::kBias) << C::kMantissa)) - 1;
  const double n =
      (std::bit_cast<double>(biased | std::bit_cast<uint64_t>(kScale)) -
       (kScale + C::kBias)) -
      (denormal ? 52 : 0);

  const double d = 2 + f;
  const double s = f / d;
  const double s_low = (std::fma(-s, d, f) - s * (f - (d - 2))) / d;
  const double z = s * s;
  const double z_low = std::fma(s, s, -z) + 2 * s * s_low;
  // 1/5 + z/7 + ...
  constexpr double kRest[] = {1 / 5.,  1 / 7.,  1 / 9.,  1 / 11.,
                              1 / 13., 1 / 15., 1 / 17., 1 / 19.,
                              1 / 21., 1 / 23., 1 / 25., 1 / 27.};
  constexpr double kThird = 1 / 3., kThirdLow = 0x1.5555555555555p-56;
  const double rest = z * math_internal::Polynomial(kRest, z);
  const double u = kThird + rest;
  const double u_low = (kThird - u) + rest + kThirdLow;
  const double t = z * u;
  const double t_low = std::fma(z, u, -t) + (z * u_low + z_low * u);
  const double p = s * t;
  const double p_low = std::fma(s, t, -p) + (s * t_low + s_low * t);
  const double log = s + p;
  const double log_low = ((s - log) + p) + (p_low + s_low);

  const double whole = n * C::kLn2High;
  const double sum = whole + 2 * log;
  const double rest_of_sum =
      ((whole - sum) + 2 * log) + (2 * log_low + n * C::kLn2Low);
  const double high = sum + rest_of_sum;
  const double low = (sum - high) + rest_of_sum;
  const bool finite = x > 0 && x < kInfinity;
  return {finite ? high : x == 0 ? -kInfinity : x, finite ? low : 0};
}

// e^(x.high + x.low). As Exp of math.h, but only the last sum is rounded to
// what is seen.
inline double ExpOf(Pair x) {
  using C = math_internal::Constants<double>;
  constexpr double kRounder = math_internal::kRounder<double>;
  // NaN passes both.
  double y = x.high < C::kExpMin ? C::kExpMin : x.high;
  y = y > C::kExpMax ? C::kExpMax : y;
  const double y_low = y == x.high ? x.low : 0;
  const double shifted = y * 1.44269504088896340736 + kRounder;
  const double n = shifted - kRounder;
  // The rest r + r_low.
  const double exact = y - n * C::kLn2High, less = n * C::kLn2Low - y_low;
  const double r = exact - less;
  const double r_low = (exact - r) - less;
  const double m = r * r * math_internal::Polynomial(C::kExp, r) + r * r_low;
  const double one = 1 + r;
  const double e = one + (((1 - one) + r) + (m + r_low));
  return math_internal::TimesPowerOfTwo(
      e, std::bit_cast<uint64_t>(shifted) - std::bit_cast<uint64_t>(kRounder) +
             C::kBias);
}

inline float SizeOfPower(float size, float c) {
  return static_cast<float>(
      Exp(static_cast<double>(c) * Log(static_cast<double>(size))));
}

inline double SizeOfPower(double size, double c) {
  const Pair log = LogOf(size);
  const double y = c * log.high;
  return ExpOf({y, std::fma(c, log.high, -y) + c * log.low});
}

// For finite c != 0.
template <class T>
void GeneralPower(absl::Span<const T> x, T c, absl::Span<T> y) {
  constexpr T kNan = std::numeric_limits<T>::quiet_NaN();
  const bool whole = std::trunc(c) == c;
  if (!whole) {
    return Map(x, y, [c](T v) {
      const T size = SizeOfPower(std::abs(v), c);
      return v < 0 && v > -static_cast<T>(kInfinity) ? kNan : size;
    });
  }
  if (std::fmod(c, T(2)) == 0) {
    return Map(x, y, [c](T v) { return SizeOfPower(std::abs(v), c); });
  }
  Map(x, y, [c](T v) { return std::copysign(SizeOfPower(std::abs(v), c), v); });
}

// sqrt(v), as the power 1/2 is defined: 0 of -0 and infinite of -inf.
template <class T>
inline T Root(T v) {
  const T root = std::sqrt(v + 0);
  return v == -static_cast<T>(kInfinity) ? -v : root;
}

}  // namespace

template <class T>
void PowerOf(absl::Span<const T> x, T c, absl::Span<T> y) {
  if (c == 1) return Map(x, y, [](T v) { return v; });
  if (c == 2) return Map(x, y, [](T v) { return v * v; });
  if (c == 3) return Map(x, y, [](T v) { return v * v * v; });
  if (c == -1) return Map(x, y, [](T v) { return 1 / v; });
  if (c == T(0.5)) return Map(x, y, [](T v) { return Root(v); });
  if (c == T(-0.5)) return Map(x, y, [](T v) { return 1 / Root(v); });
  if (c != 0 && std::isfinite(c)) return GeneralPower(x, c, y);
  Map(x, y, [c](T v) { return std::pow(v, c); });
}

template void PowerOf(absl::Span<const float>, float, absl::Span<float>);
template void PowerOf(absl::Span<const double>, double, absl::Span<double>);

}  // namespace adjoint::kernels
