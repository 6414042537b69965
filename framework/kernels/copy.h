// Rows copied, padded or joined: source and target may have gaps between them.
#ifndef ADJOINT_FRAMEWORK_KERNELS_COPY_H_
#define ADJOINT_FRAMEWORK_KERNELS_COPY_H_

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "absl/types/span.h"
#include "framework/base/parallel_for.h"
#include "framework/base/vectorize.h"

namespace adjoint::kernels {

// Elements to a chunk. A longer row is cut into pieces of this size.
inline constexpr int64_t kCopyGrain = 16 * 1024;

// Calls f(row, begin, end) in parallel, in WithWidestVectors, for pieces
// [begin, end) that make up rows [0, rows) of n elements.
template <class Fn>
void ForEachRowPiece(int64_t rows, int64_t n, Fn f) {
  if (n == 0) return;
  const int64_t pieces = NumChunks(n, kCopyGrain);
  const int64_t grain = std::max<int64_t>(1, kCopyGrain / n);
  const auto run = [=](int64_t begin, int64_t end) {
    if (pieces == 1) {  // Short rows have no time to divide.
      for (int64_t i = begin; i < end; ++i) f(i, 0, n);
      return;
    }
    for (int64_t i = begin; i < end; ++i) {
      const int64_t first = i % pieces * kCopyGrain;
      f(i / pieces, first, std::min(n, first + kCopyGrain));
    }
  };
  ParallelFor(rows * pieces, grain, [&](int64_t begin, int64_t end) {
    WithWidestVectors([&] {
      // A copy can stay in registers, for f does not write to it.
      const auto local = run;
      local(begin, end);
    });
  });
}

namespace copy_internal {

// As that of cover-inl.h, for code that WithWidestVectors compiles: calls
// f(i, lanes), where `lanes` is a constant, for vectors of kLanes that cover
// [0, n). The last overlaps the one before it, and a run shorter than a
// vector takes shorter ones: no call, no mask and no loop over what is left.
template <int64_t kLanes, class Fn>
inline void ForEachVector(int64_t n, Fn f) {
  if constexpr (kLanes > 1) {
    if (n < kLanes) return ForEachVector<kLanes / 2>(n, f);
  }
  const std::integral_constant<int64_t, kLanes> lanes;
  for (int64_t i = 0; i < n - lanes; i += lanes) f(i, lanes);
  if (n > 0) f(n - lanes, lanes);
}

}  // namespace copy_internal

// y[i] = x[i] for i < n. In WithWidestVectors.
template <class T>
inline void CopyRow(const T* x, int64_t n, T* y) {
  constexpr int64_t kLanes = 64 / sizeof(T), kLongRow = 1024 / sizeof(T);
  if (n > kLongRow) {  // Worth the call, without AVX-512 at least.
    std::copy_n(x, n, y);
    return;
  }
  copy_internal::ForEachVector<kLanes>(n, [=](int64_t i, auto lanes) {
    std::memcpy(y + i, x + i, lanes * sizeof(T));
  });
}

// y[i] = 0 for i < n. In WithWidestVectors. Shorter vectors than those of
// CopyRow lie across two cache lines less often.
template <class T>
inline void ZeroRow(int64_t n, T* y) {
  constexpr int64_t kLanes = 32 / sizeof(T), kLongRow = 256 / sizeof(T);
  if (n > kLongRow) {
    std::memset(y, 0, n * sizeof(T));
    return;
  }
  copy_internal::ForEachVector<kLanes>(n, [=](int64_t i, auto lanes) {
    std::memset(y + i, 0, lanes * sizeof(T));
  });
}

// y[r,i] = x[r,i] for r < rows and i < n, where rows lie stride_x and stride_y
// elements apart.
template <class T>
void CopyRows(const T* x, int64_t stride_x, T* y, int64_t stride_y,
              int64_t rows, int64_t n) {
  ForEachRowPiece(rows, n, [=](int64_t r, int64_t begin, int64_t end) {
    CopyRow(x + r * stride_x + begin, end - begin, y + r * stride_y + begin);
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
    ZeroRow(first - begin, row + begin);
    if (first < last) {
      CopyRow(x + (r * n + first - before), last - first, row + first);
    }
    ZeroRow(end - last, row + last);
  });
}

// An array of rows of n elements.
template <class T>
struct RowsOf {
  const T* data;
  int64_t n;
};

// y [rows, sum of all n] = the arrays side by side. Short rows are written one
// after the other, rather than those of one array and then of the next, which
// would go through y once for each.
template <class T>
void ConcatRows(absl::Span<const RowsOf<T>> xs, int64_t rows, T* y) {
  int64_t width = 0;
  for (const RowsOf<T>& x : xs) width += x.n;
  if (width > kCopyGrain) {
    for (const RowsOf<T>& x : xs) {
      CopyRows(x.data, x.n, y, width, rows, x.n);
      y += x.n;
    }
    return;
  }
  ForEachRowPiece(rows, width, [=](int64_t r, int64_t, int64_t) {
    T* to = y + r * width;
    for (const RowsOf<T>& x : xs) {
      CopyRow(x.data + r * x.n, x.n, to);
      to += x.n;
    }
  });
}

}  // namespace adjoint::kernels

#endif  // ADJOINT_FRAMEWORK_KERNELS_COPY_H_
