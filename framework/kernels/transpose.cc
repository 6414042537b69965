// Axes that stay neighbours are merged first. Then either the innermost axis is
// the same in x and y, and rows are copied; or the innermost axis of x and that
// of y span matrices to be transposed, tile by tile. All other axes are counted
// through.
#include "framework/kernels/transpose.h"

#include <algorithm>
#include <array>

#include "framework/base/parallel_for.h"
#include "framework/base/vectorize.h"
#include "framework/kernels/copy.h"

namespace adjoint::kernels {
namespace {

constexpr int64_t kTransposeGrain = 16 * 1024;  // Elements to a chunk.
constexpr int64_t kTile = 16;                   // A cache line of f32.

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
};

// Goes through the iterations of a nest, keeping x and y at their places.
template <class T>
class Walk {
 public:
  // At iteration i.
  Walk(const Loops& nest, int64_t i, const T* x, T* y)
      : nest_(nest), x_(x), y_(y) {
    for (int d = nest.depth; d-- > 0; i /= nest.loops[d].extent) {
      at_[d] = i % nest.loops[d].extent;
      x_ += at_[d] * nest.loops[d].stride_x;
      y_ += at_[d] * nest.loops[d].stride_y;
    }
  }

  // A division an axis and iteration would cost more than to copy a short row.
  void Next() {
    for (int d = nest_.depth; d-- > 0;) {
      const Loop& loop = nest_.loops[d];
      x_ += loop.stride_x;
      y_ += loop.stride_y;
      if (++at_[d] < loop.extent) return;
      at_[d] = 0;
      x_ -= loop.extent * loop.stride_x;
      y_ -= loop.extent * loop.stride_y;
    }
  }

  const T* x() const { return x_; }
  T* y() const { return y_; }

 private:
  const Loops& nest_;
  std::array<int64_t, 8> at_ = {};
  const T* x_;
  T* y_;
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

// y[r,i] = x[r,i] for r < rows and i < n, in WithWidestVectors. All that the
// loop needs is passed by value, so that stores cannot change it.
template <class T>
inline void CopyBlock(const T* x, int64_t ldx, int64_t rows, int64_t n, T* y,
                      int64_t ldy) {
  for (int64_t r = 0; r < rows; ++r) CopyRow(x + r * ldx, n, y + r * ldy);
}

// Copies rows of n elements, through all of which `outer` goes. Its innermost
// loop is a plain one, which costs less than to walk.
template <class T>
void TransposeRows(Loops outer, int64_t n, const T* x, T* y) {
  const Loop rows =
      outer.depth > 0 ? outer.Take(outer.depth - 1) : Loop{1, 0, 0};
  const int64_t grain = std::max<int64_t>(1, kTransposeGrain / n);
  const int64_t all = outer.size() * rows.extent;
  ParallelFor(all, grain, [&](int64_t begin, int64_t end) {
    Walk<T> walk(outer, begin / rows.extent, x, y);
    WithWidestVectors([&] {
      int64_t first = begin % rows.extent;
      for (int64_t r = begin - first; r < end; r += rows.extent) {
        const int64_t last = std::min(rows.extent, end - r);
        CopyBlock(walk.x() + first * rows.stride_x, rows.stride_x, last - first,
                  n, walk.y() + first * rows.stride_y, rows.stride_y);
        walk.Next();
        first = 0;
      }
    });
  });
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
    TransposeRows(outer, columns.extent, x, y);
    return;
  }
  int d = 0;
  while (outer.loops[d].stride_x != 1) ++d;
  const Loop rows = outer.Take(d);
  const int64_t bands = NumChunks(rows.extent, kTile);
  const int64_t grain = std::max<int64_t>(
      1, kTransposeGrain / (std::min(rows.extent, kTile) * columns.extent));
  ParallelFor(outer.size() * bands, grain, [&](int64_t begin, int64_t end) {
    for (int64_t b = begin; b < end; ++b) {
      const Walk<T> walk(outer, b / bands, x, y);
      const int64_t i = b % bands * kTile;
      const int64_t m = std::min(kTile, rows.extent - i);
      for (int64_t j = 0; j < columns.extent; j += kTile) {
        TransposeTile(walk.x() + i + j * columns.stride_x, columns.stride_x, m,
                      std::min(kTile, columns.extent - j),
                      walk.y() + i * rows.stride_y + j, rows.stride_y);
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
