#include "framework/kernels/columns.h"

#include <algorithm>
#include <cstdint>
#include <type_traits>

#include "framework/base/parallel_for.h"
#include "framework/kernels/copy.h"

// SSSE3 and AVX3_DL would only repeat SSE4 and AVX3.
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_AVX3_DL)

// foreach_target.h includes this file again for each target, so it comes first.
// clang-format off
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "framework/kernels/columns.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace adjoint::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// What follows moves rows of a dozen elements, millions of them: no calls, no
// masks and few branches. Vectors of 32 bytes are faster here than those of 64,
// most of which would lie across two lines of the cache.
template <class T>
using Widest = hn::CappedTag<T, 32 / sizeof(T)>;

// Rows of n elements of x and of the columns.
struct Run {
  int64_t rows, n;
  int64_t x_step, x_stride;  // From row to row, and within a row.
  int64_t columns_step;      // From row to row.
};

// columns = x
struct Copy {
  template <class T>
  HWY_INLINE void operator()(const T* x, T* columns) const {
    *columns = *x;
  }
  template <class D, class T>
  HWY_INLINE hn::Vec<D> Load(D d, const T* x, const T*) const {
    return hn::LoadU(d, x);
  }
  template <class D, class T>
  HWY_INLINE void Store(hn::Vec<D> v, D d, const T*, T* columns) const {
    hn::StoreU(v, d, columns);
  }
};

// x += columns
struct Add {
  template <class T>
  HWY_INLINE void operator()(T* x, const T* columns) const {
    *x += *columns;
  }
  template <class D, class T>
  HWY_INLINE hn::Vec<D> Load(D d, const T* x, const T* columns) const {
    return hn::Add(hn::LoadU(d, x), hn::LoadU(d, columns));
  }
  template <class D, class T>
  HWY_INLINE void Store(hn::Vec<D> v, D d, T* x, const T*) const {
    hn::StoreU(v, d, x);
  }
};

// Rows of `vecs` vectors, of which the last overlaps the one before it unless n
// fills both; hence all are loaded before one is stored.
template <int vecs, class D, class X, class Columns, class Move>
HWY_INLINE void MoveShortRows(D d, Run run, X* x, Columns* columns, Move move) {
  const int64_t lanes = hn::Lanes(d), last = run.n - lanes;
  for (; run.rows > 0; --run.rows) {
    hn::Vec<D> v[vecs];
    for (int i = 0; i < vecs; ++i) {
      const int64_t at = i == vecs - 1 ? last : i * lanes;
      v[i] = move.Load(d, x + at, columns + at);
    }
    for (int i = 0; i < vecs; ++i) {
      const int64_t at = i == vecs - 1 ? last : i * lanes;
      move.Store(v[i], d, x + at, columns + at);
    }
    x += run.x_step;
    columns += run.columns_step;
  }
}

template <class D, class X, class Columns, class Move>
HWY_INLINE void MoveRun(D d, Run run, X* x, Columns* columns, Move move) {
  const int64_t n = run.n, lanes = hn::Lanes(d);
  if (run.x_stride == 1 && n >= lanes) {
    if (n <= lanes) return MoveShortRows<1>(d, run, x, columns, move);
    if (n <= 2 * lanes) return MoveShortRows<2>(d, run, x, columns, move);
    if (n <= 3 * lanes) return MoveShortRows<3>(d, run, x, columns, move);
    if (n <= 4 * lanes) return MoveShortRows<4>(d, run, x, columns, move);
    for (; run.rows > 0; --run.rows) {
      // The last vector overlaps the one before it; hence it is loaded first.
      const auto last = move.Load(d, x + n - lanes, columns + n - lanes);
      for (int64_t i = 0; i < n - lanes; i += lanes) {
        move.Store(move.Load(d, x + i, columns + i), d, x + i, columns + i);
      }
      move.Store(last, d, x + n - lanes, columns + n - lanes);
      x += run.x_step;
      columns += run.columns_step;
    }
    return;
  }
  if constexpr (hn::MaxLanes(D()) * sizeof(X) > 16) {
    if (run.x_stride == 1) {
      return MoveRun(hn::Half<D>(), run, x, columns, move);
    }
  }
  for (; run.rows > 0; --run.rows) {
    for (int64_t i = 0; i < n; ++i) move(x + i * run.x_stride, columns + i);
    x += run.x_step;
    columns += run.columns_step;
  }
}

// The rows of windows that a chunk begins in, [first, last), the first and the
// last of which may be a part of one; `whole` is the end of those that are not
// cut short. Worked out once a chunk: a division takes as long as a short row.
struct Band {
  explicit Band(const Conv2dShape& s, const ConvChunk& chunk)
      : first(chunk.begin / s.w.count),
        whole(chunk.end / s.w.count),
        last(NumChunks(chunk.end, s.w.count)) {}
  int64_t first, whole, last;
};

// Calls move(run, where in x, where in the columns) for what element k of the
// windows of a chunk sees inside the images.
template <class X, class Columns, class Move>
HWY_INLINE void MoveRows(const Conv2dShape& s, const ConvChunk& chunk,
                         const Band& band, int64_t k, X* x, Columns* columns,
                         Move move) {
  const int64_t taps = s.h.size * s.w.size, tap = k % taps;
  const int64_t i = tap / s.w.size, j = tap % s.w.size;
  const Windows::Range rows = s.h.Inside(i), inside = s.w.Inside(j);
  const int64_t width = s.w.count;
  x += chunk.image * s.image() + k / taps * s.h.extent * s.w.extent;
  for (int64_t m = 0; m < chunk.images; ++m) {
    int64_t r = std::max(rows.first, band.first);
    const int64_t last = std::min(rows.last, band.last);
    while (r < last) {
      const int64_t begin = std::max(inside.first, chunk.begin - r * width);
      const int64_t end = std::min(inside.last, chunk.end - r * width);
      const bool part = begin > inside.first || end < inside.last;
      const int64_t next = part ? r + 1 : std::clamp(band.whole, r + 1, last);
      if (begin < end) {
        MoveRun(Widest<std::remove_const_t<X>>(),
                Run{next - r, end - begin, s.h.stride * s.w.extent, s.w.stride,
                    width},
                x + s.h.At(r, i) * s.w.extent + s.w.At(begin, j),
                columns + (r * width + begin - chunk.begin), move);
      }
      r = next;
    }
    x += s.image();
    columns += chunk.positions();
  }
}

template <class T>
void Make(const Conv2dShape& s, const ConvChunk& chunk, const T* x, T* columns,
          int64_t step) {
  const bool padded = s.h.padding > 0 || s.w.padding > 0;
  const Band band(s, chunk);
  ParallelFor(s.window(), NumChunks(kCopyGrain, step),
              [&](int64_t begin, int64_t end) {
                for (int64_t k = begin; k < end; ++k) {
                  T* const row = columns + k * step;
                  if (padded) std::fill_n(row, chunk.size(), T{0});
                  MoveRows(s, chunk, band, k, x, row, Copy());
                }
              });
}

template <class T>
void Return(const Conv2dShape& s, const ConvChunk& chunk, const T* columns,
            int64_t step, T* dx) {
  const int64_t taps = s.h.size * s.w.size;
  const Band band(s, chunk);
  ParallelFor(s.c, NumChunks(kCopyGrain, taps * step),
              [&](int64_t begin, int64_t end) {
                for (int64_t k = begin * taps; k < end * taps; ++k) {
                  MoveRows(s, chunk, band, k, dx, columns + k * step, Add());
                }
              });
}

// Highway exports no templates.
#define ADJOINT_COLUMNS(T)                                                \
  void Make_##T(const Conv2dShape& s, const ConvChunk& chunk, const T* x, \
                T* columns, int64_t step) {                               \
    Make(s, chunk, x, columns, step);                                     \
  }                                                                       \
  void Return_##T(const Conv2dShape& s, const ConvChunk& chunk,           \
                  const T* columns, int64_t step, T* dx) {                \
    Return(s, chunk, columns, step, dx);                                  \
  }
ADJOINT_COLUMNS(float)
ADJOINT_COLUMNS(double)
#undef ADJOINT_COLUMNS

}  // namespace adjoint::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace adjoint::kernels {

HWY_EXPORT(Make_float);
HWY_EXPORT(Make_double);
HWY_EXPORT(Return_float);
HWY_EXPORT(Return_double);

template <class T>
void MakeColumns(const Conv2dShape& s, const ConvChunk& chunk, const T* x,
                 T* columns, int64_t step) {
  if constexpr (std::is_same_v<T, float>) {
    HWY_DYNAMIC_DISPATCH(Make_float)(s, chunk, x, columns, step);
  } else {
    HWY_DYNAMIC_DISPATCH(Make_double)(s, chunk, x, columns, step);
  }
}

template <class T>
void AddColumns(const Conv2dShape& s, const ConvChunk& chunk, const T* columns,
                int64_t step, T* dx) {
  if constexpr (std::is_same_v<T, float>) {
    HWY_DYNAMIC_DISPATCH(Return_float)(s, chunk, columns, step, dx);
  } else {
    HWY_DYNAMIC_DISPATCH(Return_double)(s, chunk, columns, step, dx);
  }
}

#define ADJOINT_INSTANTIATE(T)                                              \
  template void MakeColumns(const Conv2dShape&, const ConvChunk&, const T*, \
                            T*, int64_t);                                   \
  template void AddColumns(const Conv2dShape&, const ConvChunk&, const T*,  \
                           int64_t, T*);
ADJOINT_INSTANTIATE(float)
ADJOINT_INSTANTIATE(double)
#undef ADJOINT_INSTANTIATE

}  // namespace adjoint::kernels
#endif  // HWY_ONCE
