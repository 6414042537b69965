#include "framework/kernels/gemm.h"

#include <algorithm>
#include <cstdint>
#include <type_traits>
#include <utility>

#include "framework/base/parallel_for.h"
#include "framework/kernels/gemm_product.h"
#include "framework/kernels/scratch.h"
#include "framework/kernels/transpose.h"

// Tiles are arrays of vectors, so the length of a vector must be a constant.
// SSSE3 and AVX3_DL would only repeat SSE4 and AVX3.
#define HWY_DISABLED_TARGETS                                               \
  (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV | HWY_SSSE3 | \
   HWY_AVX3_DL)

// foreach_target.h includes this file again for each target, so it comes first.
// clang-format off
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "framework/kernels/gemm.cc"
#include "hwy/foreach_target.h"
#include "framework/kernels/gemm_bands-inl.h"
#include "framework/kernels/gemm_block-inl.h"
#include "framework/kernels/gemm_outer-inl.h"
#include "framework/kernels/gemm_row-inl.h"
#include "framework/kernels/gemm_single_row-inl.h"
#include "framework/kernels/gemm_sizes-inl.h"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace adjoint::kernels::HWY_NAMESPACE {

// Without products, C is the bias or zero.
template <class T>
void CopyAddend(const Product<T>& x) {
  for (int64_t i = 0; i < x.m; ++i) {
    const Output<T> row = x.out.At(i, 0);
    if (row.addend) {
      std::copy_n(row.addend, x.n, row.c);
    } else {
      std::fill_n(row.c, x.n, T{0});
    }
  }
}

// Elements stored that make it worth to wake a thread.
inline constexpr int64_t kChunkStores = 1 << 18;

// A column times a row.
template <class T>
void MultiplyRankOne(const Product<T>& x) {
  const int64_t n = x.n, vecs = CeilDiv(n, kLanes<T>);
  const int64_t step = x.a.transposed ? 1 : x.a.ld;
  const T *const a = x.a.data, *const b = x.b.data;
  const Output<T> out = x.out;
  ParallelFor(x.m, CeilDiv(kChunkStores, n), [=](int64_t begin, int64_t end) {
    if (vecs <= kOuterVecs) {
      return kOuterTiles<T>[vecs - 1](end - begin, a + begin * step, step, b,
                                      out.At(begin, 0), n);
    }
    for (int64_t i = begin; i < end; ++i) {
      const Output<T> row = out.At(i, 0);
      AddRows<1, false>(n, a + i * step, b, n, row.addend, row.c);
    }
  });
}

template <class T>
void MultiplyBlocks(const Product<T>& x) {
  if (x.k <= kDepth && x.n <= kBlockColumns) return Block<T>(x).Run();
  for (int64_t j = 0; j < x.n; j += kBlockColumns) {
    Matrix<T> b = x.b;
    b.data += b.transposed ? j * b.ld : j;
    ForDepths<T>(
        {x.m, std::min(kBlockColumns, x.n - j), x.k, x.a, b, x.out.At(0, j)},
        kDepth, [](const Product<T>& y) { Block<T>(y).Run(); });
  }
}

// C' = B A', and C from that, where B is large: it is read as it lies, and the
// smaller A is what has to be packed.
template <class T>
void MultiplyTransposed(const Product<T>& x) {
  T* const c = Scratch<T, GemmScratch::kTransposedC>(x.m * x.n);
  Output<T> out = {c, x.m, nullptr, 0};
  if (x.out.addend) {
    for (int64_t j = 0; j < x.n; ++j) {
      std::fill_n(c + j * x.m, x.m, x.out.addend[j]);
    }
    out.addend = c;
    out.addend_ld = x.m;
  }
  MultiplyBlocks<T>({x.n,
                     x.m,
                     x.k,
                     {x.b.data, x.b.ld, !x.b.transposed},
                     {x.a.data, x.a.ld, !x.a.transposed},
                     out});
  Transpose<T>(c, {x.n, x.m}, {1, 0}, x.out.c);
}

template <class T>
void Multiply(const Product<T>& x);

// A contiguous column of C is a row of C' = B' A'.
template <class T>
void MultiplyColumn(const Product<T>& x) {
  Output<T> out = x.out;
  if (out.addend) {
    std::fill_n(out.c, x.m, *out.addend);
    out.addend = out.c;
  }
  Multiply<T>({1,
               x.m,
               x.k,
               {x.b.data, x.b.ld, !x.b.transposed},
               {x.a.data, x.a.ld, !x.a.transposed},
               out});
}

template <class T>
void Multiply(const Product<T>& x) {
  if (x.m == 0 || x.n == 0) return;
  if (x.k == 0) return CopyAddend(x);
  if (x.n == 1 && x.m > 1 && x.out.ldc == 1) return MultiplyColumn(x);
  // A contiguous vector is its own transpose.
  const bool a_is_row = !x.a.transposed || (x.m == 1 && x.a.ld == 1);
  const bool b_is_row = !x.b.transposed || (x.k == 1 && x.b.ld == 1);
  if (x.k == 1 && b_is_row) return MultiplyRankOne(x);
  if (x.m == 1 && a_is_row && b_is_row) return MultiplyRow(x);
  if (x.m == 1 && a_is_row && !b_is_row) return MultiplyRowDots(x);
  // Dot products need no packing of B, whose cost goes with n * k, and no whole
  // vector of columns, but end with m * n sums across a vector.
  const bool few_rows = 12 * x.m <= x.k;
  const bool few_columns = x.n < kLanes<T> && x.k >= 8 * kLanes<T>;
  if (a_is_row && !b_is_row && (few_rows || few_columns)) {
    if (kPacksMore && x.m >= kTileVecs * kLanes<T> && x.m < x.n &&
        x.out.ldc == x.n) {
      return MultiplyTransposed(x);
    }
    return MultiplyDots(x);
  }
  MultiplyBlocks(x);
}

template <class T>
void MultiplyBatch(int64_t batch, const Product<T>& x, int64_t stride_a,
                   int64_t stride_b, int64_t stride_c) {
  const int64_t products = x.m * x.n * x.k;
  const bool large = products >= kMinChunks * kChunkProducts;
  const int64_t grain =
      large ? batch : CeilDiv(kChunkProducts, std::max<int64_t>(1, products));
  ParallelFor(batch, std::max<int64_t>(1, grain),
              [&](int64_t begin, int64_t end) {
                for (int64_t i = begin; i < end; ++i) {
                  Matrix<T> a = x.a, b = x.b;
                  a.data += i * stride_a;
                  b.data += i * stride_b;
                  Output<T> out = x.out;
                  out.c += i * stride_c;
                  Multiply<T>({x.m, x.n, x.k, a, b, out});
                }
              });
}

// Always by tiles, which know factors.
template <class T>
void MultiplyAndAdd(const Product<T>& x) {
  if (x.m > 0 && x.n > 0 && x.k > 0) MultiplyBlocks(x);
}

// Highway exports no templates.
#define ADJOINT_GEMM(T)                                                      \
  void Gemm_##T(const Product<T>& x) { Multiply(x); }                        \
  void GemmAdd_##T(const Product<T>& x) { MultiplyAndAdd(x); }               \
  void AddMultiple_##T(int64_t n, T alpha, const T* x, T* y) {               \
    AddRows<1, false>(n, &alpha, x, n, y, y);                                \
  }                                                                          \
  void GemmBatched_##T(int64_t batch, const Product<T>& x, int64_t stride_a, \
                       int64_t stride_b, int64_t stride_c) {                 \
    MultiplyBatch(batch, x, stride_a, stride_b, stride_c);                   \
  }
ADJOINT_GEMM(float)
ADJOINT_GEMM(double)
#undef ADJOINT_GEMM

}  // namespace adjoint::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace adjoint::kernels {

HWY_EXPORT(Gemm_float);
HWY_EXPORT(Gemm_double);
HWY_EXPORT(GemmAdd_float);
HWY_EXPORT(GemmAdd_double);
HWY_EXPORT(AddMultiple_float);
HWY_EXPORT(AddMultiple_double);
HWY_EXPORT(GemmBatched_float);
HWY_EXPORT(GemmBatched_double);

template <class T>
void Gemm(int64_t m, int64_t n, int64_t k, const Matrix<T>& a,
          const Matrix<T>& b, T* c, int64_t ldc, const T* bias) {
  const Product<T> x = {m, n, k, a, b, {c, ldc, bias, 0}};
  if constexpr (std::is_same_v<T, float>) {
    HWY_DYNAMIC_DISPATCH(Gemm_float)(x);
  } else {
    HWY_DYNAMIC_DISPATCH(Gemm_double)(x);
  }
}

template <class T>
void GemmAdd(int64_t m, int64_t n, int64_t k, T alpha, const Matrix<T>& a,
             const Matrix<T>& b, T* c, int64_t ldc) {
  const Product<T> x = {m, n, k, a, b, {c, ldc, c, ldc, alpha}};
  if constexpr (std::is_same_v<T, float>) {
    HWY_DYNAMIC_DISPATCH(GemmAdd_float)(x);
  } else {
    HWY_DYNAMIC_DISPATCH(GemmAdd_double)(x);
  }
}

template <class T>
void AddMultiple(int64_t n, T alpha, const T* x, T* y) {
  if constexpr (std::is_same_v<T, float>) {
    HWY_DYNAMIC_DISPATCH(AddMultiple_float)(n, alpha, x, y);
  } else {
    HWY_DYNAMIC_DISPATCH(AddMultiple_double)(n, alpha, x, y);
  }
}

template <class T>
void GemmBatched(int64_t batch, int64_t m, int64_t n, int64_t k,
                 const Matrix<T>& a, int64_t stride_a, const Matrix<T>& b,
                 int64_t stride_b, T* c, int64_t ldc, int64_t stride_c,
                 const T* bias) {
  const Product<T> x = {m, n, k, a, b, {c, ldc, bias, 0}};
  if constexpr (std::is_same_v<T, float>) {
    HWY_DYNAMIC_DISPATCH(GemmBatched_float)
    (batch, x, stride_a, stride_b, stride_c);
  } else {
    HWY_DYNAMIC_DISPATCH(GemmBatched_double)
    (batch, x, stride_a, stride_b, stride_c);
  }
}

#define ADJOINT_INSTANTIATE(T)                                           \
  template void Gemm(int64_t, int64_t, int64_t, const Matrix<T>&,        \
                     const Matrix<T>&, T*, int64_t, const T*);           \
  template void GemmAdd(int64_t, int64_t, int64_t, T, const Matrix<T>&,  \
                        const Matrix<T>&, T*, int64_t);                  \
  template void AddMultiple(int64_t, T, const T*, T*);                   \
  template void GemmBatched(int64_t, int64_t, int64_t, int64_t,          \
                            const Matrix<T>&, int64_t, const Matrix<T>&, \
                            int64_t, T*, int64_t, int64_t, const T*);
ADJOINT_INSTANTIATE(float)
ADJOINT_INSTANTIATE(double)
#undef ADJOINT_INSTANTIATE

}  // namespace adjoint::kernels
#endif  // HWY_ONCE
