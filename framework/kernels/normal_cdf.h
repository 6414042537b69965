// The distribution function of the standard normal distribution, for loops that
// are vectorised (math.h).
#ifndef ADJOINT_FRAMEWORK_KERNELS_NORMAL_CDF_H_
#define ADJOINT_FRAMEWORK_KERNELS_NORMAL_CDF_H_

#include <bit>
#include <cmath>
#include <cstdint>

#include "framework/kernels/math.h"

namespace adjoint::kernels {
namespace normal_cdf_internal {

// With the tail Q(x) = e^(-x^2 / 2) g(x) for x >= 0, which is 0 from kMax on:
// g(x) (x + k) as a polynomial in t = (x - k) / (x + k), the variable of
// Shepherd and Laframboise 1981. For float that of the least largest relative
// error (Remez 1934), for double interpolated at Chebyshev's nodes.
template <class T>
struct Tail;

template <>
struct Tail<float> {
  using Bits = uint32_t;
  static constexpr Bits kUpperHalf = ~Bits{0xfff};
  static constexpr float kMax = 15, k = 2.875f;
  static constexpr float kTail[] = {
      0.7242799156f,   -0.49249725f,      0.2065556164f,
      -0.03142811989f, -0.01418684433f,   0.005288584573f,
      0.00188010137f,  -0.0006583156965f, -0.0003239275389f};
};

template <>
struct Tail<double> {
  using Bits = uint64_t;
  static constexpr Bits kUpperHalf = ~Bits{0x7ffffff};
  static constexpr double kMax = 40, k = 5;
  static constexpr double kTail[] = {
      0.769193049750062958,      -0.665382502890056694,
      0.495305615969976589,      -0.313533156671305171,
      0.165020366170375025,      -0.0691186387062946795,
      0.0207950668000914596,     -0.00299337677064926812,
      -0.000797869400739248787,  0.000544899065037323011,
      -0.0000593757138164713118, -0.0000497628103779030353,
      0.0000166811603645866454,  3.98087128566697249e-6,
      -2.76914578228227786e-6,   -3.3651220434990695e-7,
      4.32983703741560941e-7,    4.20918333388691458e-8,
      -6.58488684007973972e-8,   -9.14450208128917386e-9,
      7.66723610720265331e-9,    1.68910576651537808e-9,
      -1.80732120781460434e-10};
};

}  // namespace normal_cdf_internal

// The probability that a standard normal number is below x: errs by at most
// 7 ULP (tests/kernels/math_test.cc), also in the left tail, where it is small.
template <class T>
inline T NormalCdf(T x) {
  using C = normal_cdf_internal::Tail<T>;
  T size = std::abs(x);
  size = size > C::kMax ? C::kMax : size;
  const T u = 1 / (size + C::k);
  const T g = math_internal::Polynomial(C::kTail, (size - C::k) * u) * u;
  // -x^2 / 2 from the square of x's upper half, which is exact, and from the
  // small rest.
  const T upper =
      std::bit_cast<T>(std::bit_cast<typename C::Bits>(size) & C::kUpperHalf);
  const T rest = (size - upper) * (size + upper) * T(-0.5);
  const math_internal::Exponential<T> e(upper * upper * T(-0.5), rest);
  const T tail = math_internal::TimesSmallPowerOfTwo(g + g * e.m, e.n);
  return x < 0 ? tail : 1 - tail;
}

}  // namespace adjoint::kernels

#endif  // ADJOINT_FRAMEWORK_KERNELS_NORMAL_CDF_H_
