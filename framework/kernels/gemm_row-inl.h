// Sums of whole rows, for a product of a single row or of rank one. Highway
// compiles this file once for each instruction set.

// NOLINTNEXTLINE(build/header_guard): toggled, as Highway's own -inl.h files.
#if defined(ADJOINT_FRAMEWORK_KERNELS_GEMM_ROW_INL_H_) == \
    defined(HWY_TARGET_TOGGLE)
#ifdef ADJOINT_FRAMEWORK_KERNELS_GEMM_ROW_INL_H_
#undef ADJOINT_FRAMEWORK_KERNELS_GEMM_ROW_INL_H_
#else
#define ADJOINT_FRAMEWORK_KERNELS_GEMM_ROW_INL_H_
#endif

#include <cstdint>

#include "framework/kernels/vector-inl.h"
#include "hwy/cache_control.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace adjoint::kernels::HWY_NAMESPACE {

// to[j] = from[j] + a[0] b[0][j] + ... + a[rows - 1] b[rows - 1][j] for j < n,
// the rows of b being `ldb` apart. Null `from` stands for zeros, and it may be
// `to` itself. With `fetch` it asks for the rows of b that come next.
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

// As AddRows, for any number k > 0 of rows, two at a time: more of them would
// read C less often, but come from afar at half the speed.
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
