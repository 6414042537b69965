// Rows copied or filled where source and target may have gaps between them.
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

// y[r,i] = value, likewise.
template <class T>
void FillRows(T value, T* y, int64_t stride_y, int64_t rows, int64_t n) {
  ForEachRowPiece(rows, n, [=](int64_t r, int64_t begin, int64_t end) {
    std::fill(y + r * stride_y + begin, y + r * stride_y + end, value);
  });
}

}  // namespace adjoint::kernels

#endif  // ADJOINT_FRAMEWORK_KERNELS_COPY_H_
