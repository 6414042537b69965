#include "framework/kernels/gemm.h"

#include <algorithm>
#include <cstdint>
#include <type_traits>
#include <utility>

#include "framework/base/parallel_for.h"

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
#include "framework/kernels/gemm_block-inl.h"
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

// A column times a row: no sums, and the stores set the pace.
template <class T>
void MultiplyRankOne(const Product<T>& x) {
  const int64_t step = x.a.transposed ? 1 : x.a.ld;
  ParallelFor(x.m, CeilDiv(kChunkStores, x.n), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      ScaleRow(x.n, x.a.data[i * step], x.b.data, x.out.At(i, 0));
    }
  });
}

// m * n dot products of what is contiguous on both sides.
template <class T>
void MultiplyDots(const Product<T>& x) {
  const auto column = [&](int64_t j) {
    for (int64_t i = 0; i < x.m; i += kDotRows) {
      const int64_t rows = std::min<int64_t>(kDotRows, x.m - i);
      kDotTiles<T>[rows - 1](x.k, x.a.data + i * x.a.ld, x.a.ld,
                             x.b.data + j * x.b.ld, x.b.ld, x.out.At(i, j),
                             std::min<int64_t>(kDotColumns, x.n - j));
    }
  };
  ParallelFor(CeilDiv(x.n, kDotColumns),
              CeilDiv(kChunkProducts, kDotColumns * x.m * x.k),
              [&](int64_t begin, int64_t end) {
                for (int64_t j = begin; j < end; ++j) column(j * kDotColumns);
              });
}

template <class T>
void MultiplyBlocks(const Product<T>& x) {
  const int64_t depths = CeilDiv(x.k, kDepth<T>);
  for (int64_t j = 0; j < x.n; j += kBlockColumns) {
    for (int64_t d = 0; d < depths; ++d) {
      const int64_t p = d * x.k / depths;
      Product<T> block = x;
      block.n = std::min(kBlockColumns, x.n - j);
      block.k = (d + 1) * x.k / depths - p;
      block.a.data += x.a.transposed ? p * x.a.ld : p;
      block.b.data += x.b.transposed ? j * x.b.ld + p : p * x.b.ld + j;
      block.out = x.out.At(0, j);
      if (d > 0) {
        block.out.addend = block.out.c;
        block.out.addend_ld = block.out.ldc;
      }
      Block<T>(block).Run();
    }
  }
}

template <class T>
void Multiply(Product<T> x) {
  if (x.m == 0 || x.n == 0) return;
  if (x.k == 0) return CopyAddend(x);
  if (x.n == 1 && x.m > 1 && x.out.ldc == 1) {
    // A contiguous column of C is a row of C' = B' A'.
    if (x.out.addend) {
      std::fill_n(x.out.c, x.m, *x.out.addend);
      x.out.addend = x.out.c;
    }
    std::swap(x.m, x.n);
    std::swap(x.a, x.b);
    x.a.transposed = !x.a.transposed;
    x.b.transposed = !x.b.transposed;
  }
  // A contiguous vector is its own transpose.
  if (x.m == 1 && x.a.ld == 1) x.a.transposed = false;
  if (x.k == 1 && x.b.ld == 1) x.b.transposed = false;

  if (x.k == 1 && !x.b.transposed) return MultiplyRankOne(x);
  // Dot products need no packing of B, whose cost goes with n * k, but end with
  // m * n sums across a vector. They read all of A for each tile.
  if (!x.a.transposed && x.b.transposed && 20 * x.m <= x.k &&
      (x.m == 1 || x.m * x.k <= kGroupColumns * kDepth<T>)) {
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
                  Product<T> one = x;
                  one.a.data += i * stride_a;
                  one.b.data += i * stride_b;
                  one.out.c += i * stride_c;
                  Multiply(one);
                }
              });
}

// Highway exports no templates.
#define ADJOINT_GEMM(T)                                                      \
  void Gemm_##T(int64_t batch, int64_t m, int64_t n, int64_t k, Matrix<T> a, \
                int64_t stride_a, Matrix<T> b, int64_t stride_b, T* c,       \
                int64_t ldc, int64_t stride_c, const T* bias) {              \
    MultiplyBatch<T>(batch, {m, n, k, a, b, {c, ldc, bias, 0}}, stride_a,    \
                     stride_b, stride_c);                                    \
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

template <class T>
void GemmBatched(int64_t batch, int64_t m, int64_t n, int64_t k, Matrix<T> a,
                 int64_t stride_a, Matrix<T> b, int64_t stride_b, T* c,
                 int64_t ldc, int64_t stride_c, const T* bias) {
  if constexpr (std::is_same_v<T, float>) {
    HWY_DYNAMIC_DISPATCH(Gemm_float)
    (batch, m, n, k, a, stride_a, b, stride_b, c, ldc, stride_c, bias);
  } else {
    HWY_DYNAMIC_DISPATCH(Gemm_double)
    (batch, m, n, k, a, stride_a, b, stride_b, c, ldc, stride_c, bias);
  }
}

template <class T>
void Gemm(int64_t m, int64_t n, int64_t k, Matrix<T> a, Matrix<T> b, T* c,
          int64_t ldc, const T* bias) {
  GemmBatched<T>(1, m, n, k, a, 0, b, 0, c, ldc, 0, bias);
}

#define ADJOINT_INSTANTIATE(T)                                                 \
  template void Gemm(int64_t, int64_t, int64_t, Matrix<T>, Matrix<T>, T*,      \
                     int64_t, const T*);                                       \
  template void GemmBatched(int64_t, int64_t, int64_t, int64_t, Matrix<T>,     \
                            int64_t, Matrix<T>, int64_t, T*, int64_t, int64_t, \
                            const T*);
ADJOINT_INSTANTIATE(float)
ADJOINT_INSTANTIATE(double)
#undef ADJOINT_INSTANTIATE

}  // namespace adjoint::kernels
#endif  // HWY_ONCE
