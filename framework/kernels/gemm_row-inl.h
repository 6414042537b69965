// A row times a matrix. Highway compiles this file once for each instruction
// set.

// NOLINTNEXTLINE(build/header_guard): toggled, as Highway's own -inl.h files.
#if defined(ADJOINT_FRAMEWORK_KERNELS_GEMM_ROW_INL_H_) == \
    defined(HWY_TARGET_TOGGLE)
#ifdef ADJOINT_FRAMEWORK_KERNELS_GEMM_ROW_INL_H_
#undef ADJOINT_FRAMEWORK_KERNELS_GEMM_ROW_INL_H_
#else
#define ADJOINT_FRAMEWORK_KERNELS_GEMM_ROW_INL_H_
#endif

#include <array>
#include <cstdint>
#include <utility>

#include "framework/kernels/gemm_product.h"
#include "framework/kernels/gemm_vector-inl.h"
#include "hwy/cache_control.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace adjoint::kernels::HWY_NAMESPACE {

// Vectors of a row of C whose sums are kept in registers at a time.
inline constexpr int kRowTileVecs = 8;

// sum[j] = a[0] b[0][j] + ... + a[k - 1] b[k - 1][j], the rows of b being `ldb`
// apart and j counting vectors.
template <int vecs, class T, class LoadLast>
HWY_INLINE void SumRows(int64_t k, const T* a, const T* b, int64_t ldb,
                        LoadLast load_last, Vector<T> (&sum)[vecs]) {
  const Tag<T> d;
  ADJOINT_UNROLL for (int j = 0; j < vecs; ++j) sum[j] = hn::Zero(d);
  for (int64_t p = 0; p < k; ++p, b += ldb) {
    const Vector<T> va = hn::Set(d, a[p]);
    ADJOINT_UNROLL for (int j = 0; j < vecs - 1; ++j) {
      sum[j] = hn::MulAdd(va, hn::LoadU(d, b + j * kLanes<T>), sum[j]);
    }
    sum[vecs - 1] =
        hn::MulAdd(va, load_last(b + (vecs - 1) * kLanes<T>), sum[vecs - 1]);
  }
}

// `width` columns of a row of C, which end in the last of `vecs` vectors.
template <int vecs, class T>
HWY_NOINLINE void RowTile(int64_t k, const T* a, const T* b, int64_t ldb,
                          const Output<T>& out, int64_t width) {
  const Tag<T> d;
  constexpr int64_t kLast = (vecs - 1) * kLanes<T>;
  const int64_t tail = width - kLast;
  Vector<T> sum[vecs];
  if (tail == kLanes<T>) {
    SumRows<vecs>(k, a, b, ldb, LoadAll(), sum);
  } else {
    SumRows<vecs>(k, a, b, ldb, LoadSome{tail}, sum);
  }
  if (out.addend) {
    ADJOINT_UNROLL for (int j = 0; j < vecs - 1; ++j) {
      sum[j] = hn::Add(sum[j], hn::LoadU(d, out.addend + j * kLanes<T>));
    }
    sum[vecs - 1] = hn::Add(sum[vecs - 1], LoadFirst(out.addend + kLast, tail));
  }
  ADJOINT_UNROLL for (int j = 0; j < vecs - 1; ++j) {
    hn::StoreU(sum[j], d, out.c + j * kLanes<T>);
  }
  StoreFirst(sum[vecs - 1], out.c + kLast, tail);
}

template <class T>
using RowTileFn = void (*)(int64_t, const T*, const T*, int64_t,
                           const Output<T>&, int64_t);

// kRowTiles<T>[vecs - 1].
template <class T, int... vecs>
constexpr std::array<RowTileFn<T>, kRowTileVecs> AllRowTiles(
    std::integer_sequence<int, vecs...>) {
  return {&RowTile<vecs + 1, T>...};
}
template <class T>
inline constexpr auto kRowTiles =
    AllRowTiles<T>(std::make_integer_sequence<int, kRowTileVecs>());

// to[j] = from[j] + a[0] b[0][j] + ... + a[rows - 1] b[rows - 1][j] for j < n,
// the rows of b being `ldb` apart. Null `from` stands for zeros, and it may be
// `to` itself. Fetches the rows of b that come next, if asked to.
template <int rows, bool fetch, class T>
HWY_INLINE void AddRows(int64_t n, const T* a, const T* b, int64_t ldb,
                        const T* from, T* to) {
  const Tag<T> d;
  Vector<T> va[rows];
  ADJOINT_UNROLL for (int r = 0; r < rows; ++r) va[r] = hn::Set(d, a[r]);
  const auto sum_at = [&](int64_t j, auto load) HWY_ATTR {
    Vector<T> sum = from ? load(from + j) : hn::Zero(d);
    ADJOINT_UNROLL for (int r = 0; r < rows; ++r) {
      if (fetch) hwy::Prefetch(b + (rows + r) * ldb + j);
      sum = hn::MulAdd(va[r], load(b + r * ldb + j), sum);
    }
    return sum;
  };
  int64_t j = 0;
  for (; j + kLanes<T> <= n; j += kLanes<T>) {
    hn::StoreU(sum_at(j, LoadAll()), d, to + j);
  }
  if (j < n) StoreFirst(sum_at(j, LoadSome{n - j}), to + j, n - j);
}

// As AddRows, for any number k > 0 of rows.
template <class T>
void AddAllRows(int64_t k, int64_t n, const T* a, const T* b, int64_t ldb,
                const T* from, T* to) {
  int64_t p = k % 2;
  if (p > 0) {
    AddRows<1, true>(n, a, b, ldb, from, to);
    from = to;
  }
  for (; p < k; p += 2, from = to) {
    AddRows<2, true>(n, a + p, b + p * ldb, ldb, from, to);
  }
}

}  // namespace adjoint::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
