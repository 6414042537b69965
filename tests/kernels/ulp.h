// Errors in units of the last place, and numbers to look for them at.
#ifndef ADJOINT_TESTS_KERNELS_ULP_H_
#define ADJOINT_TESTS_KERNELS_ULP_H_

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <vector>

namespace adjoint::kernels {

// The distance of `got` from the exact value in units of the last place that
// the exact value has as a T. A wrong infinity, zero or NaN is far off.
template <class T>
double UlpError(T got, long double exact) {
  if (std::isnan(exact)) return std::isnan(got) ? 0 : 1e9;
  if (std::isnan(got)) return 1e9;
  const T nearest = static_cast<T>(exact);
  if (std::isinf(nearest)) {
    return got == nearest ? 0
           : std::isinf(exact) || std::abs(got) < std::numeric_limits<T>::max()
               ? 1e9
               : 1;
  }
  if (std::isinf(got)) {
    return std::abs(nearest) == std::numeric_limits<T>::max() ? 1 : 1e9;
  }
  int exponent = std::numeric_limits<T>::min_exponent - 1;
  if (exact != 0) exponent = std::max(exponent, std::ilogb(exact));
  const long double ulp =
      std::ldexp(1.0L, exponent - std::numeric_limits<T>::digits + 1);
  return static_cast<double>(std::abs(static_cast<long double>(got) - exact) /
                             ulp);
}

// Numbers of every sign, exponent and kind.
template <class T>
std::vector<T> NumbersOfEveryKind() {
  using Bits = std::conditional_t<sizeof(T) == 4, uint32_t, uint64_t>;
  std::vector<T> sample = {0,
                           T(-0.0),
                           1,
                           -1,
                           std::numeric_limits<T>::max(),
                           std::numeric_limits<T>::lowest(),
                           std::numeric_limits<T>::min(),
                           std::numeric_limits<T>::denorm_min(),
                           -std::numeric_limits<T>::denorm_min(),
                           std::numeric_limits<T>::infinity(),
                           -std::numeric_limits<T>::infinity(),
                           std::numeric_limits<T>::quiet_NaN()};
  constexpr int kSteps = 300'000;
  // A step that is odd reaches all bit patterns in time.
  constexpr Bits kStep =
      (static_cast<Bits>(-1) / kSteps) | static_cast<Bits>(1);
  Bits bits = 0;
  for (int i = 0; i < kSteps; ++i) {
    sample.push_back(std::bit_cast<T>(bits += kStep));
  }
  return sample;
}

}  // namespace adjoint::kernels

#endif  // ADJOINT_TESTS_KERNELS_ULP_H_
