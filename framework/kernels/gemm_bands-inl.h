// A product of dot products, cut into bands of rows and groups of columns for
// the caches and for threads. Highway compiles this file once for each
// instruction set.

// NOLINTNEXTLINE(build/header_guard): toggled, as Highway's own -inl.h files.
#if defined(ADJOINT_FRAMEWORK_KERNELS_GEMM_BANDS_INL_H_) == \
    defined(HWY_TARGET_TOGGLE)
#ifdef ADJOINT_FRAMEWORK_KERNELS_GEMM_BANDS_INL_H_
#undef ADJOINT_FRAMEWORK_KERNELS_GEMM_BANDS_INL_H_
#else
#define ADJOINT_FRAMEWORK_KERNELS_GEMM_BANDS_INL_H_
#endif

#include <algorithm>
#include <cstdint>

#include "framework/base/parallel_for.h"
#include "framework/kernels/gemm_dot-inl.h"
#include "framework/kernels/gemm_product.h"
#include "framework/kernels/gemm_sizes-inl.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace adjoint::kernels::HWY_NAMESPACE {

// Into so many groups are columns cut for threads. More would share them out
// more evenly, but all of A is read for each.
inline constexpr int64_t kDotGroups = 4;

// Elements of a group of columns, which stay in the second-level cache.
template <class T>
inline constexpr int64_t kGroupElements = (1 << 19) / sizeof(T);

// Columns of a group of B. A single thread has none to share, and the fewer the
// groups, the less often it has to fetch another band of A, for two thirds of
// the time of a tile. The sums are the same however columns are grouped.
template <class T>
int64_t GroupWidth(const Product<T>& x) {
  const int64_t near = std::max<int64_t>(1, kGroupElements<T> / x.k);
  const int64_t width =
      NumThreads() > 1 ? std::min(near, CeilDiv(x.n, kDotGroups)) : near;
  return CeilDiv(std::min(width, x.n), kDotColumns) * kDotColumns;
}

// m * n dot products of what is contiguous on both sides: a band of rows of A,
// which stays in the first-level cache, meets a group of columns, tile by tile.
// All bands meet one group after the other, so that a thread has columns for
// itself: those are rows of a layer's weights, which it has updated.
template <class T>
void MultiplyBands(const Product<T>& x) {
  const int64_t panels =
      std::max<int64_t>(1, kNearElements<T> / (kDotRows * x.k));
  // Rows are shared out evenly: the sums of a few cost as much as those of all.
  const Shares rows(x.m, CeilDiv(x.m, kDotRows));
  const int64_t bands = CeilDiv(rows.count, panels);
  const int64_t width = GroupWidth(x);
  const int64_t groups = CeilDiv(x.n, width);
  const auto multiply = [&](int64_t band, int64_t group) {
    const int64_t end = std::min((band + 1) * panels, rows.count);
    const int64_t columns = std::min((group + 1) * width, x.n);
    const int64_t first = group * width;
    const int64_t steps = CeilDiv(columns - first, kDotColumns);
    for (int64_t step = 0; step < steps; ++step) {
      // Back and forth: a new band of A meets the columns that are near.
      const int64_t turn = band % 2 == 0 ? step : steps - 1 - step;
      const int64_t j = first + turn * kDotColumns;
      for (int64_t i = band * panels; i < end; ++i) {
        const int64_t row = rows.Begin(i);
        kDotTiles<T>[rows.Size(i) - 1](x.k, {x.a.data + row * x.a.ld, x.a.ld},
                                       {x.b.data + j * x.b.ld, x.b.ld},
                                       x.out.At(row, j),
                                       std::min<int64_t>(kDotColumns, x.n - j));
      }
    }
  };
  ParallelFor(groups * bands,
              CeilDiv(kChunkProducts, panels * kDotRows * width * x.k),
              [&](int64_t begin, int64_t end) {
                for (int64_t t = begin; t < end; ++t) {
                  multiply(t % bands, t / bands);
                }
              });
}

template <class T>
void MultiplyDots(const Product<T>& x) {
  if (x.k <= kDotDepth<T>) return MultiplyBands(x);
  ForDepths(x, kDotDepth<T>, MultiplyBands<T>);
}

}  // namespace adjoint::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
