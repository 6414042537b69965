// Normal numbers from uniform ones (Box and Muller 1958), by functions without
// branches and calls, so that a compiler turns a loop over them into vectors.
//
// The logarithm, sine and cosine below, by their series to about 2^-50, use
// only what IEEE 754 rounds in one way: + - * / sqrt fma. Those of libm differ
// between systems in the last bit. A compiler may fuse a * b + c on one machine
// and not on the next: where the product is not exact, the fma is written out.
#ifndef ADJOINT_FRAMEWORK_BASE_BOX_MULLER_H_
#define ADJOINT_FRAMEWORK_BASE_BOX_MULLER_H_

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <numbers>

namespace adjoint {

// [0, 1) in steps of 2^-53, from the upper 53 bits. Processors without AVX-512
// convert no vector of such integers, hence in two parts: each stands in the
// last bits of a double, and their sum is exact.
inline double ToUniform(uint64_t bits) {
  const uint64_t high = bits >> 32, low = (bits & 0xffffffff) >> 11;
  // The last bit of a number is 2^-32 from 2^20 on and 2^-53 from 1/2 on.
  constexpr auto kHigh = std::bit_cast<uint64_t>(0x1p20);
  constexpr auto kLow = std::bit_cast<uint64_t>(0.5);
  return (std::bit_cast<double>(high | kHigh) - 0x1p20) +
         (std::bit_cast<double>(low | kLow) - 0.5);
}

namespace box_muller_internal {

// What follows is by recursion, for a loop of many turns inside of another
// stands in the way of vectors.

// 1/1, 1/3, 1/5, ...
inline constexpr double kOddReciprocals[] = {
    1.0,      1.0 / 3,  1.0 / 5,  1.0 / 7,  1.0 / 9, 1.0 / 11,
    1.0 / 13, 1.0 / 15, 1.0 / 17, 1.0 / 19, 1.0 / 21};

// 1/(2k + 1) + x/(2k + 3) + x^2/(2k + 5) + ... + x^(10 - k)/21
template <int k = 0>
inline double OddSeries(double x) {
  if constexpr (k == 10) {
    return kOddReciprocals[k];
  } else {
    return std::fma(OddSeries<k + 1>(x), x, kOddReciprocals[k]);
  }
}

// log(x) of a normal x > 0: with x = m 2^e, m in [sqrt(1/2), sqrt(2)), and
// s = (m - 1) / (m + 1), it is e log(2) + 2 (s + s^3/3 + s^5/5 + ...).
inline double Log(double x) {
  constexpr uint64_t kMantissa = (uint64_t{1} << 52) - 1;
  constexpr auto kHalf = std::bit_cast<uint64_t>(0.5);
  constexpr auto kTwoTo52 = std::bit_cast<uint64_t>(0x1p52);
  const auto bits = std::bit_cast<uint64_t>(x);
  const double half = std::bit_cast<double>((bits & kMantissa) | kHalf);
  const double exponent =
      std::bit_cast<double>(bits >> 52 | kTwoTo52) - (0x1p52 + 1022);
  const bool low = half < std::numbers::sqrt2 / 2;
  const double m = half * (low ? 2.0 : 1.0);
  const double e = exponent - (low ? 1.0 : 0.0);
  const double s = (m - 1) / (m + 1);
  return std::fma(e, std::numbers::ln2, 2 * s * OddSeries(s * s));
}

// 1 - x2 / (k (k + 1)) (1 - x2 / ((k + 2) (k + 3)) (1 - ...))
template <int k>
inline double AlternatingSeries(double x2) {
  if constexpr (k > 16) {
    return 1;
  } else {
    return std::fma(-x2 * AlternatingSeries<k + 2>(x2), 1.0 / (k * (k + 1)), 1);
  }
}

// {cos(2 pi u), sin(2 pi u)} for u in [0, 1).
inline std::array<double, 2> CosSinOfTurn(double u) {
  // Quarters of a turn, rounded, which then stand in the last bits.
  constexpr double kRounder = 0x1.8p52;
  const double shifted = std::floor(4 * u + 0.5) + kRounder;
  const double quarters = shifted - kRounder;
  const auto bits = std::bit_cast<uint64_t>(shifted);
  const double rest = u - 0.25 * quarters;  // Exact, at most 1/8 in size.
  // Of at most pi/4.
  const double x = rest * (2 * std::numbers::pi), x2 = x * x;
  const double c = AlternatingSeries<1>(x2), s = x * AlternatingSeries<2>(x2);
  // A quarter turn more takes {c, s} to {-s, c}.
  const bool odd = (bits & 1) != 0;
  const auto cos = std::bit_cast<uint64_t>(odd ? s : c);
  const auto sin = std::bit_cast<uint64_t>(odd ? c : s);
  return {std::bit_cast<double>(cos ^ ((bits + 1) & 2) << 62),
          std::bit_cast<double>(sin ^ (bits & 2) << 62)};
}

}  // namespace box_muller_internal

// Two independent standard normals. Each errs by at most 3 ULP of its distance
// from 0 and the other's, (x^2 + y^2)^(1/2) (tests/kernels/normal_test.cc).
inline std::array<double, 2> BoxMuller(uint64_t bits0, uint64_t bits1) {
  // (0, 1]: the logarithm of 0 has no value.
  const double u = ToUniform(bits0) + 0x1p-53;
  const double radius = std::sqrt(-2 * box_muller_internal::Log(u));
  const auto [c, s] = box_muller_internal::CosSinOfTurn(ToUniform(bits1));
  return {radius * c, radius * s};
}

}  // namespace adjoint

#endif  // ADJOINT_FRAMEWORK_BASE_BOX_MULLER_H_
