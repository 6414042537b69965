// x is reduced to a rest of at most pi/4 by a whole multiple of pi/2 that is
// subtracted in four parts (Cody and Waite 1980); the series of Taylor do the
// rest. Floats are computed as doubles, to which two parts and a few terms are
// enough.
#include "framework/kernels/trigonometry.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>

#include "framework/base/parallel_for.h"
#include "framework/base/vectorize.h"
#include "framework/kernels/elementwise.h"
#include "framework/kernels/math.h"

namespace adjoint::kernels {
namespace {

// The multiple is below 2^20 up to here, so that its products with the first
// three parts, of 33 bits each, are exact.
constexpr double kLargest = 1e6;
constexpr double kHalfPi[] = {0x1.921fb544p+0, 0x1.0b4611a6p-34,
                              0x1.3198a2ep-69, 0x1.b839a252049c1p-104};

// (sin(r) - r) / r^3 and (cos(r) - 1 + r^2 / 2) / r^4 by r^2.
constexpr double kSin[] = {
    -1 / 6.,        1 / 120.,        -1 / 5040.,        1 / 362880.,
    -1 / 39916800., 1 / 6227020800., -1 / 1307674368e3, 1 / 355687428096e3};
constexpr double kCos[] = {1 / 24.,          -1 / 720.,      1 / 40320.,
                           -1 / 3628800.,    1 / 479001600., -1 / 87178291200.,
                           1 / 20922789888e3};

// a - b, rounded; `lost` becomes what the rounding took (Knuth 1969).
inline double Subtract(double a, double b, double& lost) {
  const double d = a - b;
  const double taken = a - d;
  lost = (a - (d + taken)) + (taken - b);
  return d;
}

// sin(r + quadrant pi/2), given sin(r) and cos(r).
inline double InQuadrant(uint64_t quadrant, double sin, double cos) {
  const double y = (quadrant & 1) != 0 ? cos : sin;
  return std::bit_cast<double>(std::bit_cast<uint64_t>(y) ^ (quadrant & 2)
                                                                << 62);
}

// sin(x + quarter_turns pi/2) for |x| <= kLargest.
inline double SinOfOne(double x, uint64_t quarter_turns) {
  constexpr double kRounder = math_internal::kRounder<double>;
  const double shifted = x * 0.63661977236758134308 + kRounder;
  const double n = shifted - kRounder;
  double lost1, lost2;
  const double a = Subtract(x - n * kHalfPi[0], n * kHalfPi[1], lost1);
  const double b = Subtract(a, n * kHalfPi[2], lost2);
  const double tail = lost1 + lost2 - n * kHalfPi[3];
  // The rest is r + low.
  const double r = b + tail;
  const double low = (b - r) + tail;
  const double z = r * r;
  const double sin =
      r + (r * z * math_internal::Polynomial(kSin, z) + low * (1 - 0.5 * z));
  const double half = 0.5 * z, one = 1 - half;
  const double cos =
      one + (((1 - one) - half) +
             (z * z * math_internal::Polynomial(kCos, z) - r * low));
  return InQuadrant(std::bit_cast<uint64_t>(shifted) + quarter_turns, sin, cos);
}

// The same for a float x, right to 2^-36 of it.
inline float SinOfOne(float x, uint64_t quarter_turns) {
  constexpr double kRounder = math_internal::kRounder<double>;
  // pi/2 but for the first part.
  constexpr double kRest = 0x1.0b4611a626331p-34;
  constexpr double kShortSin[] = {kSin[0], kSin[1], kSin[2], kSin[3], kSin[4]};
  constexpr double kShortCos[] = {kCos[0], kCos[1], kCos[2], kCos[3], kCos[4]};
  const double wide = x;
  const double shifted = wide * 0.63661977236758134308 + kRounder;
  const double n = shifted - kRounder;
  const double r = (wide - n * kHalfPi[0]) - n * kRest;
  const double z = r * r;
  const double sin = r + r * z * math_internal::Polynomial(kShortSin, z);
  const double cos =
      (1 - 0.5 * z) + z * z * math_internal::Polynomial(kShortCos, z);
  return static_cast<float>(
      InQuadrant(std::bit_cast<uint64_t>(shifted) + quarter_turns, sin, cos));
}

template <class T>
inline T FastSin(T x) {
  // The sign of zero got lost on the way.
  return x == 0 ? x : SinOfOne(x, 0);
}

template <class T>
inline T FastCos(T x) {
  return SinOfOne(x, 1);
}

// y = fast(x) where |x| <= kLargest, else exact(x).
template <class T, class Fast, class Exact>
void Each(absl::Span<const T> x, absl::Span<T> y, Fast fast, Exact exact) {
  ParallelFor(x.size(), kElementwiseGrain, [&](int64_t begin, int64_t end) {
    constexpr int64_t kPiece = 1024;
    for (int64_t first = begin; first < end; first += kPiece) {
      const T* __restrict in = x.data() + first;
      T* __restrict out = y.data() + first;
      const int64_t n = std::min(kPiece, end - first);
      // Sizes as integers, whose maximum is a vector instruction and that of
      // floats, which minds NaN, is none.
      using Bits = typename math_internal::Constants<T>::Bits;
      Bits largest = 0;
      WithWidestVectors([=, &largest] {
        for (int64_t i = 0; i < n; ++i) out[i] = fast(in[i]);
        Bits top = 0;
        for (int64_t i = 0; i < n; ++i) {
          top = std::max(top, std::bit_cast<Bits>(std::abs(in[i])));
        }
        largest = top;
      });
      if (largest <= std::bit_cast<Bits>(T(kLargest))) continue;
      for (int64_t i = 0; i < n; ++i) {
        if (std::abs(in[i]) > T(kLargest)) out[i] = exact(in[i]);
      }
    }
  });
}

}  // namespace

template <class T>
void SinOf(absl::Span<const T> x, absl::Span<T> y) {
  Each(
      x, y, [](T v) { return FastSin(v); }, [](T v) { return std::sin(v); });
}

template <class T>
void CosOf(absl::Span<const T> x, absl::Span<T> y) {
  Each(
      x, y, [](T v) { return FastCos(v); }, [](T v) { return std::cos(v); });
}

template void SinOf(absl::Span<const float>, absl::Span<float>);
template void SinOf(absl::Span<const double>, absl::Span<double>);
template void CosOf(absl::Span<const float>, absl::Span<float>);
template void CosOf(absl::Span<const double>, absl::Span<double>);

}  // namespace adjoint::kernels
