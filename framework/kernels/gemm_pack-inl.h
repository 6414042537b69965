// Copies of panels of A and B in the order in which the tiles of
// gemm_tile-inl.h read them. Highway compiles this file once for each
// instruction set.

// NOLINTNEXTLINE(build/header_guard): toggled, as Highway's own -inl.h files.
#if defined(ADJOINT_FRAMEWORK_KERNELS_GEMM_PACK_INL_H_) == \
    defined(HWY_TARGET_TOGGLE)
#ifdef ADJOINT_FRAMEWORK_KERNELS_GEMM_PACK_INL_H_
#undef ADJOINT_FRAMEWORK_KERNELS_GEMM_PACK_INL_H_
#else
#define ADJOINT_FRAMEWORK_KERNELS_GEMM_PACK_INL_H_
#endif

#include <algorithm>
#include <cstdint>

#include "framework/kernels/gemm_tile-inl.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace adjoint::kernels::HWY_NAMESPACE {

// Copies k rows of `width` elements, `ld` apart, to rows that are `step` apart,
// a multiple of kLanes<T>, and rounds the width up to whole vectors.
template <class T>
void PackRows(int64_t k, int64_t width, const T* from, int64_t ld, T* to,
              int64_t step) {
  const Tag<T> d;
  for (int64_t p = 0; p < k; ++p, from += ld, to += step) {
    int64_t j = 0;
    for (; j + kLanes<T> <= width; j += kLanes<T>) {
      hn::Store(hn::LoadU(d, from + j), d, to + j);
    }
    if (j < width) hn::Store(LoadFirst(from + j, width - j), d, to + j);
  }
}

// Transposes are made of square blocks that are 16 bytes wide.
#if HWY_TARGET == HWY_SCALAR
template <class T>
inline constexpr int64_t kBlock = 1;

template <class T>
HWY_INLINE void StoreTransposed(const T* const* rows, int64_t p, T* to,
                                int64_t) {
  *to = rows[0][p];
}
#else
template <class T>
inline constexpr int64_t kBlock = 16 / sizeof(T);

// Block b of the result is what lies at rows[b * kBlock<T>] + p.
template <class D, class T = hn::TFromD<D>>
HWY_INLINE hn::Vec<D> LoadBlocks(D d, const T* const* rows, int64_t p) {
  if constexpr (hn::MaxLanes(D()) > kBlock<T>) {
    const hn::Half<D> half;
    return hn::Combine(d, LoadBlocks(half, rows + hn::Lanes(half), p),
                       LoadBlocks(half, rows, p));
  } else {
    return hn::LoadU(d, rows[0] + p);
  }
}

// to[q * step + r] = rows[r][p + q] for q < kBlock<T> and r < kLanes<T>.
HWY_INLINE void StoreTransposed(const double* const* rows, int64_t p,
                                double* to, int64_t step) {
  const Tag<double> d;
  const auto v0 = LoadBlocks(d, rows, p);
  const auto v1 = LoadBlocks(d, rows + 1, p);
  hn::Store(hn::InterleaveLower(d, v0, v1), d, to);
  hn::Store(hn::InterleaveUpper(d, v0, v1), d, to + step);
}

HWY_INLINE void StoreTransposed(const float* const* rows, int64_t p, float* to,
                                int64_t step) {
  const Tag<float> d;
  const auto v0 = LoadBlocks(d, rows, p);
  const auto v1 = LoadBlocks(d, rows + 1, p);
  const auto v2 = LoadBlocks(d, rows + 2, p);
  const auto v3 = LoadBlocks(d, rows + 3, p);
  const auto even01 = hn::InterleaveLower(d, v0, v2);
  const auto odd01 = hn::InterleaveLower(d, v1, v3);
  const auto even23 = hn::InterleaveUpper(d, v0, v2);
  const auto odd23 = hn::InterleaveUpper(d, v1, v3);
  hn::Store(hn::InterleaveLower(d, even01, odd01), d, to);
  hn::Store(hn::InterleaveUpper(d, even01, odd01), d, to + step);
  hn::Store(hn::InterleaveLower(d, even23, odd23), d, to + 2 * step);
  hn::Store(hn::InterleaveUpper(d, even23, odd23), d, to + 3 * step);
}
#endif

// As PackRows, but from the transpose: `width` rows of k elements.
template <class T>
void PackColumns(int64_t k, int64_t width, const T* from, int64_t ld, T* to,
                 int64_t step) {
  for (int64_t r = 0; r < width; r += kLanes<T>) {
    const T* rows[kLanes<T>];
    for (int64_t i = 0; i < kLanes<T>; ++i) {
      rows[i] = from + std::min(r + i, width - 1) * ld;
    }
    int64_t p = 0;
    for (; p + kBlock<T> <= k; p += kBlock<T>) {
      StoreTransposed(rows, p, to + p * step + r, step);
    }
    for (; p < k; ++p) {
      for (int64_t i = 0; i < kLanes<T>; ++i) {
        to[p * step + r + i] = rows[i][p];
      }
    }
  }
}

}  // namespace adjoint::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
