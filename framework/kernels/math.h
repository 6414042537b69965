// Transcendental functions that loops can be vectorised with.
//
// The C library's are exact to half a unit in the last place (ULP), but take
// one number at a time. These have no branch and call nothing, so that a
// compiler turns a loop over them into vectors of any width. Errors, against
// long double, over a sample of all numbers of either dtype, are at most:
//
//   Exp       1.1 ULP    and so ExpOfNonPositive
//   Log       0.9 ULP
//   Log1p     1.25 ULP   for x in [0, 1]
//   Tanh      2.5 ULP
//   Sigmoid   2.5 ULP
//   Softplus  2.0 ULP
//
// tests/kernels/math_test.cc holds them to these with each set of instructions
// that the processor has. Infinities, NaN and denormals are as in the C
// library.
#ifndef ADJOINT_FRAMEWORK_KERNELS_MATH_H_
#define ADJOINT_FRAMEWORK_KERNELS_MATH_H_

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace adjoint::kernels {
namespace math_internal {

// The polynomials have the least largest error of their degree (Remez 1934):
//
//   q(r) for (e^r - 1 - r) / r^2      on |r| <= log(2) / 2
//   p(z) for (log((1 + s) / (1 - s)) - 2 s) / (s z), z = s^2,
//                                     on |s| <= (sqrt(2) - 1) / (sqrt(2) + 1)
template <class T>
struct Constants;

template <>
struct Constants<float> {
  using Bits = uint32_t;
  static constexpr int kMantissa = 23, kBias = 127;
  // Where e^x is 0 and infinite.
  static constexpr float kExpMin = -104, kExpMax = 89;
  // log(2) in two parts, the first with trailing zeros: whole multiples of it
  // are exact.
  static constexpr float kLn2High = 0x1.62e4p-1f, kLn2Low = 0x1.7f7d1cp-20f;
  static constexpr float kExp[] = {0.49999993414f, 0.16666520108f,
                                   0.041668393581f, 0.0083687804851f,
                                   0.0013814506982f};
  static constexpr float kLog[] = {0.66666778941f, 0.39975984826f,
                                   0.29928254994f};
};

template <>
struct Constants<double> {
  using Bits = uint64_t;
  static constexpr int kMantissa = 52, kBias = 1023;
  static constexpr double kExpMin = -746, kExpMax = 710;
  static constexpr double kLn2High = 0x1.62e42fefa3p-1,
                          kLn2Low = 0x1.3de6af278ece6p-42;
  static constexpr double kExp[] = {
      0.50000000000000103169,   0.16666666666666674601,
      0.041666666666520945381,  0.0083333333333221269098,
      0.0013888888948140006026, 0.00019841269886836391494,
      2.4801486965350894415e-5, 2.7557242059340481845e-6,
      2.7632791582660387886e-7, 2.5110154340443012052e-8};
  static constexpr double kLog[] = {
      0.66666666666667101211, 0.39999999999514225274, 0.28571428730821777267,
      0.22222198910110361377, 0.18183581874896476181, 0.15312880911577250228,
      0.14813510044950629686};
};

// c[k] + c[k + 1] x + ... (Horner). By recursion, for a loop of more than 16
// turns inside of another stands in the way of vectors.
template <size_t k = 0, class T, size_t n>
inline T Polynomial(const T (&c)[n], T x) {
  if constexpr (k == n - 1) {
    return c[k];
  } else {
    return Polynomial<k + 1>(c, x) * x + c[k];
  }
}

// A number so large that what is added to it is rounded to a whole one, which
// then stands in its last bits.
template <class T>
inline constexpr T kRounder = T(1.5) *
                              static_cast<T>(uint64_t{1}
                                             << Constants<T>::kMantissa);

// 2^n for the n that a normal number can have, given as n + kBias.
template <class T>
inline T PowerOfTwo(typename Constants<T>::Bits biased) {
  return std::bit_cast<T>(biased << Constants<T>::kMantissa);
}

// 2^n y, where n is given plus kBias: in two steps, for 2^n may be no normal
// number while the product is a number.
template <class T>
inline T TimesPowerOfTwo(T y, typename Constants<T>::Bits n) {
  using C = Constants<T>;
  constexpr typename C::Bits kShift = 4 * C::kBias;
  const auto half = ((n + kShift - C::kBias) >> 1) - kShift / 2 + C::kBias;
  const auto rest = n - half + C::kBias;
  return y * PowerOfTwo<T>(half) * PowerOfTwo<T>(rest);
}

// The same for n <= 0 and y < 2: exact but for the last step, which can reach
// the numbers that are not normal.
template <class T>
inline T TimesSmallPowerOfTwo(T y, typename Constants<T>::Bits n) {
  constexpr T kSmallest = std::numeric_limits<T>::min();  // 2^(1 - kBias)
  return y * PowerOfTwo<T>(n + (Constants<T>::kBias - 1)) * kSmallest;
}

// e^x = 2^n (1 + m): n, rounded, as a number and biased, and m = e^r - 1 for
// the rest r.
template <class T>
struct Exponential {
  using C = Constants<T>;
  typename C::Bits n;  // Plus kBias.
  T m;

  explicit Exponential(T x) { SetM(SetN(x, x)); }
  // Of x + rest, a sum that is not rounded.
  Exponential(T x, T rest) { SetM(SetN(x + rest, x) + rest); }

 private:
  // The n of `sum`, and what it leaves of x.
  T SetN(T sum, T x) {
    const T shifted = sum * T(1.44269504088896340736) + kRounder<T>;
    const T whole = shifted - kRounder<T>;
    n = std::bit_cast<typename C::Bits>(shifted) -
        std::bit_cast<typename C::Bits>(kRounder<T>) + C::kBias;
    return (x - whole * C::kLn2High) - whole * C::kLn2Low;
  }
  void SetM(T r) { m = r + r * r * Polynomial(C::kExp, r); }
};

}  // namespace math_internal

// e^x.
template <class T>
inline T Exp(T x) {
  using C = math_internal::Constants<T>;
  // NaN passes both.
  x = x < C::kExpMin ? C::kExpMin : x;
  x = x > C::kExpMax ? C::kExpMax : x;
  const math_internal::Exponential<T> e(x);
  return math_internal::TimesPowerOfTwo(1 + e.m, e.n);
}

// The same for x <= 0, faster.
template <class T>
inline T ExpOfNonPositive(T x) {
  using C = math_internal::Constants<T>;
  x = x < C::kExpMin ? C::kExpMin : x;
  const math_internal::Exponential<T> e(x);
  return math_internal::TimesSmallPowerOfTwo(1 + e.m, e.n);
}

// log(x).
template <class T>
inline T Log(T x) {
  using C = math_internal::Constants<T>;
  using Bits = typename C::Bits;
  constexpr T kInfinity = std::numeric_limits<T>::infinity();
  const bool denormal = x < std::numeric_limits<T>::min();
  constexpr T kScale = static_cast<T>(uint64_t{1} << C::kMantissa);
  const Bits bits = std::bit_cast<Bits>(denormal ? x * kScale : x);
  // x = 2^n (1 + f) with 1 + f in [sqrt(1/2), sqrt(2)).
  constexpr Bits kOffset =
      std::bit_cast<Bits>(T(1)) - std::bit_cast<Bits>(T(0.70710678118654752));
  const Bits biased = (bits + kOffset) >> C::kMantissa;
  const T f =
      std::bit_cast<T>(bits - ((biased - Bits{C::kBias}) << C::kMantissa)) - 1;
  const T n = (std::bit_cast<T>(biased | std::bit_cast<Bits>(kScale)) -
               (kScale + C::kBias)) -
              (denormal ? T(C::kMantissa) : T(0));
  // log(1 + f) = f - (h - s (h + z p(z))) with s = f / (2 + f), h = f^2 / 2:
  // the large terms come last.
  const T s = f / (2 + f), z = s * s, h = T(0.5) * f * f;
  const T tail = s * (h + z * math_internal::Polynomial(C::kLog, z));
  T y = n * C::kLn2High - ((h - (tail + n * C::kLn2Low)) - f);
  y = x < kInfinity ? y : x;
  return x > 0 ? y
               : (x == 0 ? -kInfinity : std::numeric_limits<T>::quiet_NaN());
}

// log(1 + x) for x >= 0.
template <class T>
inline T Log1p(T x) {
  const T w = 1 + x;
  // What was lost in the sum, divided by the slope's denominator.
  const T lost = x - (w - 1);
  return Log(w) + lost / w;
}

// tanh(x) = m / (m + 2) with m = e^(2|x|) - 1.
template <class T>
inline T Tanh(T x) {
  constexpr T kOne = 20;  // From here on it is 1.
  const T size = std::abs(x);
  const math_internal::Exponential<T> e(2 * (size > kOne ? kOne : size));
  const T power = math_internal::PowerOfTwo<T>(e.n);
  const T m = power * e.m + (power - 1);
  return std::copysign(m / (m + 2), x);
}

// 1 / (1 + e^-x), by an exponential of at most 1 whatever the sign: no
// overflow, and full relative accuracy in the left tail.
template <class T>
inline T Sigmoid(T x) {
  const T e = ExpOfNonPositive(-std::abs(x));
  return (x < 0 ? e : T(1)) / (1 + e);
}

// log(1 + e^x), likewise.
template <class T>
inline T Softplus(T x) {
  return (x < 0 ? T(0) : x) + Log1p(ExpOfNonPositive(-std::abs(x)));
}

}  // namespace adjoint::kernels

#endif  // ADJOINT_FRAMEWORK_KERNELS_MATH_H_
