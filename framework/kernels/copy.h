// Rows copied or padded where source and target may have gaps between them.
#ifndef ADJOINT_FRAMEWORK_KERNELS_COPY_H_
#define ADJOINT_FRAMEWORK_KERNELS_COPY_H_

#include <algorithm>
#include <cstdint>

#include "framework/base/parallel_for.h"

namespace adjoint::kernels {

// Elements to a chunk. A longer row is cut into pieces of this size.
inline constexpr int64_t kCopyGrain = 16 * 1024;

// Calls f(row, begin, end) in parallel for pieces [begin, end) that make up
// rows [0, rows) of n elements.
template <class Fn>
void ForEachRowPiece(int64_t rows, int64_t n, Fn f) {
  if (n == 0) return;
  const int64_t pieces = NumChunks(n, kCopyGrain);
  const int64_t grain = std::max<int64_t>(1, kCopyGrain / n);
  ParallelFor(rows * pieces, grain, [&](int64_t begin, int64_t end) {
    if (pieces == 1) {  // Short rows have no time to divide.
      for (int64_t i = begin; i < end; ++i) f(i, 0, n);
      return;
    }
    for (int64_t i = begin; i < end; ++i) {
      const int64_t first = i % pieces * kCopyGrain;
      f(i / pieces, first, std::min(n, first + kCopyGrain));
    }
  });
}

// y[r,i] = x[r,i] for r < rows and i < n, where rows lie stride_x and stride_y
// elements apart.
template <class T>
void CopyRows(const T* x, int64_t stride_x, T* y, int64_t stride_y,
              int64_t rows, int64_t n) {
  ForEachRowPiece(rows, n, [=](int64_t r, int64_t begin, int64_t end) {
    std::copy(x + r * stride_x + begin, x + r * stride_x + end,
              y + r * stride_y + begin);
  });
}

// y [rows,before+n+after] = x [rows,n] between zeros.
template <class T>
void PadRows(const T* x, int64_t rows, int64_t n, int64_t before, int64_t after,
             T* y) {
  const int64_t width = before + n + after;
  ForEachRowPiece(rows, width, [=](int64_t r, int64_t begin, int64_t end) {
    // The piece has zeros up to `first` and from `last` on.
    const int64_t first = std::clamp(before, begin, end);
    const int64_t last = std::clamp(before + n, begin, end);
    T* const row = y + r * width;
    std::fill(row + begin, row + first, T{0});
    if (first < last) {
      std::copy_n(x + (r * n + first - before), last - first, row + first);
    }
    std::fill(row + last, row + end, T{0});
  });
}

}  // namespace adjoint::kernels

#endif  // ADJOINT_FRAMEWORK_KERNELS_COPY_H_
