#include "framework/kernels/index.h"

#include <algorithm>

#include "framework/base/parallel_for.h"
#include "framework/kernels/copy.h"

namespace adjoint::kernels {

template <class T>
void GatherRows(const T* table, absl::Span<const int32_t> indices, int64_t n,
                T* y) {
  ForEachRowPiece(indices.size(), n,
                  [=](int64_t p, int64_t begin, int64_t end) {
                    const T* row = table + indices[p] * n;
                    CopyRow(row + begin, end - begin, y + p * n + begin);
                  });
}

template <class T>
void ScatterAddRows(const T* x, absl::Span<const int32_t> indices, int64_t rows,
                    int64_t n, T* y) {
  // Threads share out the columns, so that no two add to one element and each
  // adds in the order of p. A share is a multiple of 64 bytes wide: narrower
  // ones would make threads write to the same cache lines.
  constexpr int64_t kGrain = 16 * 1024;
  constexpr int64_t kLine = 64 / sizeof(T);
  const int64_t height = rows + static_cast<int64_t>(indices.size());
  const int64_t lines = std::max<int64_t>(1, kGrain / (kLine * (height + 1)));
  ParallelFor(n, lines * kLine, [=](int64_t begin, int64_t end) {
    for (int64_t r = 0; r < rows; ++r) {
      std::fill(y + r * n + begin, y + r * n + end, T{0});
    }
    for (size_t p = 0; p < indices.size(); ++p) {
      const T* __restrict from = x + p * n;
      T* __restrict to = y + indices[p] * n;
      for (int64_t i = begin; i < end; ++i) to[i] += from[i];
    }
  });
}

template <class T>
void OneHotRows(absl::Span<const int32_t> indices, int64_t n, T* y) {
  ForEachRowPiece(indices.size(), n,
                  [=](int64_t p, int64_t begin, int64_t end) {
                    ZeroRow(end - begin, y + p * n + begin);
                    if (begin <= indices[p] && indices[p] < end) {
                      y[p * n + indices[p]] = T{1};
                    }
                  });
}

template void GatherRows(const float*, absl::Span<const int32_t>, int64_t,
                         float*);
template void GatherRows(const double*, absl::Span<const int32_t>, int64_t,
                         double*);
template void GatherRows(const int32_t*, absl::Span<const int32_t>, int64_t,
                         int32_t*);
template void ScatterAddRows(const float*, absl::Span<const int32_t>, int64_t,
                             int64_t, float*);
template void ScatterAddRows(const double*, absl::Span<const int32_t>, int64_t,
                             int64_t, double*);
template void OneHotRows(absl::Span<const int32_t>, int64_t, float*);
template void OneHotRows(absl::Span<const int32_t>, int64_t, double*);

}  // namespace adjoint::kernels
