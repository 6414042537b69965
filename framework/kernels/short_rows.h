// Short rows laid side by side, for vectors that run across rows: within one of
// ten elements they would hardly begin.
#ifndef ADJOINT_FRAMEWORK_KERNELS_SHORT_ROWS_H_
#define ADJOINT_FRAMEWORK_KERNELS_SHORT_ROWS_H_

#include <algorithm>
#include <cstdint>

namespace adjoint::kernels {

// That many at a time.
inline constexpr int64_t kShortRows = 32;

// Elements of a row up to which it pays.
inline constexpr int64_t kShortRow = 32;

// t [n, kShortRows] = x' for x [rows, n], n <= kShortRow, with zeros for the
// rows from rows <= kShortRows on.
template <class T>
inline void LayShortRows(const T* __restrict x, int64_t rows, int64_t n,
                         T* __restrict t) {
  if (rows < kShortRows) std::fill_n(t, n * kShortRows, T(0));
  for (int64_t r = 0; r < rows; ++r) {
    for (int64_t c = 0; c < n; ++c) t[c * kShortRows + r] = x[r * n + c];
  }
}

// And back: y [rows, n] = t'.
template <class T>
inline void TakeShortRows(const T* __restrict t, int64_t rows, int64_t n,
                          T* __restrict y) {
  for (int64_t r = 0; r < rows; ++r) {
    for (int64_t c = 0; c < n; ++c) y[r * n + c] = t[c * kShortRows + r];
  }
}

}  // namespace adjoint::kernels

#endif  // ADJOINT_FRAMEWORK_KERNELS_SHORT_ROWS_H_
