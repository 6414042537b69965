#include "framework/kernels/pool.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "framework/base/parallel_for.h"
#include "framework/base/vectorize.h"
#include "framework/kernels/pool_of_four.h"
#include "framework/kernels/pool_places.h"
#include "framework/kernels/pool_rows.h"

// Rows of windows are computed element by element of the window, for all
// windows at once: such a loop vectorises, one over the elements of a small
// window does not. The rows of the image that a row of windows covers first
// become one: a window of 3 by 3 then has 3 elements.
namespace adjoint::kernels {
namespace {

// Elements of x to a chunk of planes.
constexpr int64_t kPoolGrain = 16 * 1024;

int64_t PlanesToAChunk(const Pool2dShape& s) {
  return NumChunks(kPoolGrain, std::max<int64_t>(1, s.image() + s.positions()));
}

// Calls f(plane) for all planes, in parallel and with the widest vectors.
template <class Fn>
void ForEachPlane(const Pool2dShape& s, Fn f) {
  ParallelFor(s.planes, PlanesToAChunk(s), [&](int64_t begin, int64_t end) {
    WithWidestVectors([&f, begin, end] {
      for (int64_t plane = begin; plane < end; ++plane) f(plane);
    });
  });
}

// Whether v takes the place of the largest so far.
template <class T>
bool Exceeds(T v, T largest) {
  return (v > largest) | (v != v);
}

// The most usual windows, of two by two and side by side, go by themselves:
// their rows are too short for one loop each element.
bool IsTwoByTwo(const Pool2dShape& s) {
  for (const Windows* along : {&s.h, &s.w}) {
    if (along->size != 2 || along->stride != 2 || along->padding != 0) {
      return false;
    }
  }
  return true;
}

struct Sum {
  template <class T>
  static constexpr T kIdentity = 0;
  template <class T>
  static T Of(T a, T b) {
    return a + b;
  }
};

struct PoolMaximum {
  template <class T>
  static constexpr T kIdentity = -std::numeric_limits<T>::infinity();
  template <class T>
  static T Of(T a, T b) {
    return Exceeds(b, a) ? b : a;
  }
};

// y[q] = F(y[q], x[q]). (Loops are functions because only on parameters does
// g++ heed __restrict.)
template <class F, class T>
void Combine(const T* __restrict x, int64_t n, T* __restrict y) {
  for (int64_t q = 0; q < n; ++q) y[q] = F::Of(y[q], x[q]);
}

// m.value = the elements of each window of row r of the plane x, combined.
template <class F, class T>
void PoolRow(const Pool2dShape& s, int64_t r, const T* x, RowMemory<T>& m) {
  const int64_t width = s.w.extent;
  const Seen rows(s.h, r);
  std::copy_n(x + rows.first * width, width, m.image);
  for (int64_t i = rows.first + 1; i < rows.last; ++i) {
    std::copy_n(x + i * width, width, m.next);
    Combine<F>(m.next, m.columns, m.image);
  }
  m.Split();
  std::fill_n(m.value, m.windows, F::template kIdentity<T>);
  for (int64_t j = 0; j < s.w.size; ++j) {
    Combine<F>(m.Element(j), m.windows, m.value);
  }
}

// m.count = the columns of each window that count.
template <class T>
void CountColumns(const Windows& w, bool count_padding, RowMemory<T>& m) {
  std::fill_n(m.count, m.windows, T{1});
  for (int64_t q = 0; q < w.count; ++q) {
    m.count[q] = static_cast<T>(count_padding ? w.size : Seen(w, q).size());
  }
}

// m.value /= the elements that count of the windows of row r.
template <class T>
void DivideRow(const Windows& h, int64_t r, bool count_padding,
               RowMemory<T>& m) {
  const T rows = static_cast<T>(count_padding ? h.size : Seen(h, r).size());
  T* __restrict value = m.value;
  const T* __restrict count = m.count;
  for (int64_t q = 0; q < m.windows; ++q) value[q] /= count[q] * rows;
}

}  // namespace

template <class T>
void MaxPool2d(const Pool2dShape& s, const T* x, T* y) {
  const bool of_four = IsTwoByTwo(s);
  ForEachPlane(s, [&](int64_t plane) {
    const T* const from = x + plane * s.image();
    T* const to = y + plane * s.positions();
    if (of_four) {
      return MaximaOfFour(s.h.count, s.w.count, s.w.extent, from, to);
    }
    RowMemory<T> m(s.w, PoolMaximum::kIdentity<T>);
    for (int64_t r = 0; r < s.h.count; ++r) {
      PoolRow<PoolMaximum>(s, r, from, m);
      std::copy_n(m.value, s.w.count, to + r * s.w.count);
    }
  });
}

template <class T>
void MaxPool2dGradient(const Pool2dShape& s, const T* x, const T* dy, T* dx) {
  if (!IsTwoByTwo(s)) {
    return ParallelFor(
        s.planes, PlanesToAChunk(s), [&](int64_t begin, int64_t end) {
          SpreadToMaxima(s, end - begin, x + begin * s.image(),
                         dy + begin * s.positions(), dx + begin * s.image());
        });
  }
  // Such windows leave nothing out, but for the last row or column of an odd
  // extent.
  const bool fill = s.image() > 4 * s.positions();
  ForEachPlane(s, [&](int64_t plane) {
    T* const to = dx + plane * s.image();
    if (fill) std::fill_n(to, s.image(), T{0});
    SpreadOverFour(s.h.count, s.w.count, s.w.extent, x + plane * s.image(),
                   dy + plane * s.positions(), to);
  });
}

template <class T>
void MaxPool2dGather(const Pool2dShape& s, const T* x, const T* v, T* y) {
  ParallelFor(s.planes, PlanesToAChunk(s), [&](int64_t begin, int64_t end) {
    GatherMaxima(s, end - begin, x + begin * s.image(), v + begin * s.image(),
                 y + begin * s.positions());
  });
}

template <class T>
void AvgPool2d(const Pool2dShape& s, bool count_padding, const T* x, T* y) {
  ForEachPlane(s, [&](int64_t plane) {
    T* const to = y + plane * s.positions();
    RowMemory<T> m(s.w, T{0});
    CountColumns(s.w, count_padding, m);
    for (int64_t r = 0; r < s.h.count; ++r) {
      PoolRow<Sum>(s, r, x + plane * s.image(), m);
      DivideRow(s.h, r, count_padding, m);
      std::copy_n(m.value, s.w.count, to + r * s.w.count);
    }
  });
}

template <class T>
void AvgPool2dGradient(const Pool2dShape& s, bool count_padding, const T* dy,
                       T* dx) {
  ForEachPlane(s, [&](int64_t plane) {
    const T* const from = dy + plane * s.positions();
    T* const to = dx + plane * s.image();
    const int64_t width = s.w.extent;
    RowMemory<T> m(s.w, T{0});
    CountColumns(s.w, count_padding, m);
    std::fill_n(to, s.image(), T{0});
    for (int64_t r = 0; r < s.h.count; ++r) {
      std::copy_n(from + r * s.w.count, s.w.count, m.value);
      DivideRow(s.h, r, count_padding, m);
      // What each row that the windows see is given.
      std::fill_n(m.phases, m.length * m.stride, T{0});
      for (int64_t j = 0; j < s.w.size; ++j) {
        Combine<Sum>(m.value, m.windows, m.Element(j));
      }
      m.Join();
      const Seen rows(s.h, r);
      for (int64_t i = rows.first; i < rows.last; ++i) {
        Combine<Sum>(m.image, width, to + i * width);
      }
    }
  });
}

#define ADJOINT_INSTANTIATE(T)                                                 \
  template void MaxPool2d(const Pool2dShape&, const T*, T*);                   \
  template void MaxPool2dGradient(const Pool2dShape&, const T*, const T*, T*); \
  template void MaxPool2dGather(const Pool2dShape&, const T*, const T*, T*);   \
  template void AvgPool2d(const Pool2dShape&, bool, const T*, T*);             \
  template void AvgPool2dGradient(const Pool2dShape&, bool, const T*, T*);
ADJOINT_INSTANTIATE(float)
ADJOINT_INSTANTIATE(double)
#undef ADJOINT_INSTANTIATE

}  // namespace adjoint::kernels
