// A product of a single row, cut into columns for threads. Highway compiles
// this file once for each instruction set.

// NOLINTNEXTLINE(build/header_guard): toggled, as Highway's own -inl.h files.
#if defined(ADJOINT_FRAMEWORK_KERNELS_GEMM_SINGLE_ROW_INL_H_) == \
    defined(HWY_TARGET_TOGGLE)
#ifdef ADJOINT_FRAMEWORK_KERNELS_GEMM_SINGLE_ROW_INL_H_
#undef ADJOINT_FRAMEWORK_KERNELS_GEMM_SINGLE_ROW_INL_H_
#else
#define ADJOINT_FRAMEWORK_KERNELS_GEMM_SINGLE_ROW_INL_H_
#endif

#include <algorithm>
#include <cstdint>

#include "framework/base/parallel_for.h"
#include "framework/kernels/gemm_dot_row-inl.h"
#include "framework/kernels/gemm_product.h"
#include "framework/kernels/gemm_row-inl.h"
#include "framework/kernels/gemm_sizes-inl.h"
#include "framework/kernels/gemm_tile-inl.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace adjoint::kernels::HWY_NAMESPACE {

// Cuts a single row of C for the threads, at multiples of `step` columns.
template <class T, class Fn>
void ForColumns(const Product<T>& x, int64_t step, Fn multiply) {
  if (x.n * x.k < 2 * kChunkProducts) return multiply(0, x.n);
  ParallelFor(x.n, CeilDiv(kChunkProducts, step * x.k) * step, multiply);
}

// A row times a matrix. What comes from afar comes in the order in which it
// lies in memory; near, the sums had better stay in registers.
template <class T>
void MultiplyRow(const Product<T>& x) {
  constexpr int64_t kWidth = kRowVecs * kLanes<T>;
  const bool is_near = x.n * x.k <= kNearElements<T>;
  ForColumns(x, 4 * kWidth, [&](int64_t begin, int64_t end) {
    if (!kMasksAreCheap || (end - begin > kWidth && !is_near)) {
      const Output<T> out = x.out.At(0, begin);
      return AddAllRows(x.k, end - begin, x.a.data, x.b.data + begin, x.b.ld,
                        out.addend, out.c);
    }
    for (int64_t j = begin; j < end; j += kWidth) {
      const int64_t width = std::min(kWidth, end - j);
      kTiles<T>[0][CeilDiv(width, kLanes<T>) - 1](x.k, {x.a.data, x.a.ld},
                                                  {x.b.data + j, x.b.ld, false},
                                                  x.out.At(0, j), width);
    }
  });
}

// A row's dot products with what is contiguous too.
template <class T>
void MultiplyRowDots(const Product<T>& x) {
  const int64_t vecs = CeilDiv(x.k, kLanes<T>);
  const auto dots = vecs <= kShortVecs ? kShortDots<T>[vecs - 1] : &LongDots<T>;
  ForColumns(x, kDotColumns, [&](int64_t begin, int64_t end) {
    dots(x.k, x.a, {x.b.data + begin * x.b.ld, x.b.ld}, x.out.At(0, begin),
         end - begin);
  });
}

}  // namespace adjoint::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
