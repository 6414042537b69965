// Axes that stay neighbours are merged first. Then either the innermost axis is
// the same in x and y, and rows are copied; or the innermost axis of x and that
// of y span matrices to be transposed, tile by tile. All other axes are counted
// through.
#include "framework/kernels/transpose.h"

#include <algorithm>
#include <array>

#include "framework/base/parallel_for.h"

namespace adjoint::kernels {
namespace {

constexpr int64_t kGrain = 16 * 1024;  // Elements to a chunk.
constexpr int64_t kTile = 16;          // A cache line of f32.

// One axis: its extent, and the elements by which a step moves in x and in y.
struct Loop {
  int64_t extent, stride_x, stride_y;
};

// A loop nest, outermost first.
struct Loops {
  std::array<Loop, 8> loops;
  int depth = 0;

  int64_t size() const {
    int64_t size = 1;
    for (int d = 0; d < depth; ++d) size *= loops[d].extent;
    return size;
  }

  // Removes loop `d` and returns it.
  Loop Take(int d) {
    const Loop loop = loops[d];
    std::copy(loops.begin() + d + 1, loops.begin() + depth, loops.begin() + d);
    --depth;
    return loop;
  }

  // Moves x and y to iteration i.
  template <class T>
  void Seek(int64_t i, const T*& x, T*& y) const {
    for (int d = depth; d-- > 0; i /= loops[d].extent) {
      x += i % loops[d].extent * loops[d].stride_x;
      y += i % loops[d].extent * loops[d].stride_y;
    }
  }
};

// The axes in the order of y, merged where that of x agrees; none of extent 1.
Loops Merge(absl::Span<const int64_t> x_dims, absl::Span<const int> axes) {
  std::array<int64_t, 8> stride_x;
  int64_t stride = 1;
  for (size_t i = x_dims.size(); i-- > 0; stride *= x_dims[i]) {
    stride_x[i] = stride;
  }
  Loops nest;
  for (int axis : axes) {
    const int64_t extent = x_dims[axis];
    if (extent == 1) continue;
    if (nest.depth > 0) {
      Loop& last = nest.loops[nest.depth - 1];
      if (last.stride_x == stride_x[axis] * extent) {
        last = {last.extent * extent, stride_x[axis], 0};
        continue;
      }
    }
    nest.loops[nest.depth++] = {extent, stride_x[axis], 0};
  }
  if (nest.depth == 0) nest.loops[nest.depth++] = {1, 1, 0};
  stride = 1;
  for (int d = nest.depth; d-- > 0; stride *= nest.loops[d].extent) {
    nest.loops[d].stride_y = stride;
  }
  return nest;
}

// y[i,j] = x[j,i] for i < m <= kTile and j < n <= kTile. Through a small array,
// so that each cache line of x is read and each of y written in one go, however
// far apart the rows lie.
template <class T>
inline void TransposePart(const T* x, int64_t ldx, int64_t m, int64_t n, T* y,
                          int64_t ldy) {
  T tile[kTile][kTile];
  for (int64_t j = 0; j < n; ++j) {
    for (int64_t i = 0; i < m; ++i) tile[j][i] = x[j * ldx + i];
  }
  for (int64_t i = 0; i < m; ++i) {
    for (int64_t j = 0; j < n; ++j) y[i * ldy + j] = tile[j][i];
  }
}

// The same. A whole tile has constant bounds, which the compiler vectorises.
template <class T>
void TransposeTile(const T* x, int64_t ldx, int64_t m, int64_t n, T* y,
                   int64_t ldy) {
  if (m == kTile && n == kTile) {
    TransposePart(x, ldx, kTile, kTile, y, ldy);
  } else {
    TransposePart(x, ldx, m, n, y, ldy);
  }
}

}  // namespace

template <class T>
void Transpose(const T* x, absl::Span<const int64_t> x_dims,
               absl::Span<const int> axes, T* y) {
  for (int64_t extent : x_dims) {
    if (extent == 0) return;
  }
  Loops outer = Merge(x_dims, axes);
  const Loop columns = outer.Take(outer.depth - 1);
  if (columns.stride_x == 1) {
    const int64_t grain = std::max<int64_t>(1, kGrain / columns.extent);
    ParallelFor(outer.size(), grain, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const T* from = x;
        T* to = y;
        outer.Seek(i, from, to);
        std::copy_n(from, columns.extent, to);
      }
    });
    return;
  }
  int d = 0;
  while (outer.loops[d].stride_x != 1) ++d;
  const Loop rows = outer.Take(d);
  const int64_t bands = NumChunks(rows.extent, kTile);
  const int64_t grain = std::max<int64_t>(
      1, kGrain / (std::min(rows.extent, kTile) * columns.extent));
  ParallelFor(outer.size() * bands, grain, [&](int64_t begin, int64_t end) {
    for (int64_t b = begin; b < end; ++b) {
      const T* from = x;
      T* to = y;
      outer.Seek(b / bands, from, to);
      const int64_t i = b % bands * kTile;
      const int64_t m = std::min(kTile, rows.extent - i);
      for (int64_t j = 0; j < columns.extent; j += kTile) {
        TransposeTile(from + i + j * columns.stride_x, columns.stride_x, m,
                      std::min(kTile, columns.extent - j),
                      to + i * rows.stride_y + j, rows.stride_y);
      }
    }
  });
}

template void Transpose(const float*, absl::Span<const int64_t>,
                        absl::Span<const int>, float*);
template void Transpose(const double*, absl::Span<const int64_t>,
                        absl::Span<const int>, double*);
template void Transpose(const int32_t*, absl::Span<const int64_t>,
                        absl::Span<const int>, int32_t*);

}  // namespace adjoint::kernels
