#include "framework/kernels/pool.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "framework/base/parallel_for.h"
#include "framework/kernels/pool_of_four.h"

// Rows of windows are computed element by element of the window, for many
// windows at a time: such a loop vectorises, one over the elements of a small
// window does not.
namespace adjoint::kernels {
namespace {

// Elements of x to a chunk of planes.
constexpr int64_t kGrain = 16 * 1024;

// Windows of a row that are computed at a time, in arrays on the stack.
constexpr int64_t kBlock = 256;

// Windows [begin, end) of row r of a plane.
struct Block {
  int64_t r, begin, end;
};

// Calls f(plane) for all planes, in parallel.
template <class Fn>
void ForEachPlane(const Pool2dShape& s, Fn f) {
  const int64_t grain =
      NumChunks(kGrain, std::max<int64_t>(1, s.image() + s.positions()));
  ParallelFor(s.planes, grain, [&](int64_t begin, int64_t end) {
    for (int64_t plane = begin; plane < end; ++plane) f(plane);
  });
}

// Calls f(block) for the windows of a plane, in row-major order.
template <class Fn>
void ForEachBlock(const Pool2dShape& s, Fn f) {
  const int64_t width = s.w.count;
  for (int64_t r = 0; r < s.h.count; ++r) {
    for (int64_t q = 0; q < width; q += kBlock) {
      f(Block{r, q, std::min(width, q + kBlock)});
    }
  }
}

// Calls f(q, at, n) for each element of the window, in row-major order: for the
// windows [q, q + n) of the block it is in the image, for window q at `at`.
template <class Fn>
void ForEachTap(const Pool2dShape& s, const Block& block, Fn f) {
  for (int64_t i = 0; i < s.h.size; ++i) {
    const int64_t row = s.h.At(block.r, i);
    if (row < 0 || row >= s.h.extent) continue;
    for (int64_t j = 0; j < s.w.size; ++j) {
      const Windows::Range inside = s.w.Inside(j);
      const int64_t q = std::max(inside.first, block.begin);
      const int64_t end = std::min(inside.last, block.end);
      if (q < end) f(q, row * s.w.extent + s.w.At(q, j), end - q);
    }
  }
}

// Calls f(stride) with a stride that is a constant if it is a usual one, for
// the sake of vectorisation.
template <class Fn>
void WithStride(int64_t stride, Fn f) {
  if (stride == 1) {
    f(std::integral_constant<int64_t, 1>());
  } else if (stride == 2) {
    f(std::integral_constant<int64_t, 2>());
  } else {
    f(stride);
  }
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

// One element of n windows, the first at x. Stride is a number or a constant.
// (Loops are functions because only on parameters does g++ heed __restrict.)
template <bool kPlaces, class T, class Stride>
void TakeLarger(const T* __restrict x, Stride stride, int64_t n,
                T* __restrict value, int32_t at, int32_t* __restrict place) {
  const int32_t step = static_cast<int32_t>(stride);
  for (int64_t q = 0; q < n; ++q) {
    const T v = x[q * stride], largest = value[q];
    const bool exceeds = Exceeds(v, largest);
    value[q] = exceeds ? v : largest;
    if constexpr (kPlaces) {
      const int32_t here = at + static_cast<int32_t>(q) * step;
      const int32_t there = place[q];
      place[q] = exceeds ? here : there;
    }
  }
}

// The maxima of a block of windows of the plane x, and where they are in it
// unless `place` is null.
template <bool kPlaces, class T>
void FindMaxima(const Pool2dShape& s, const Block& block, const T* x, T* value,
                int32_t* place) {
  const int64_t n = block.end - block.begin;
  std::fill_n(value, n, -std::numeric_limits<T>::infinity());
  if constexpr (kPlaces) {
    // The first element, should nothing exceed -inf.
    const int64_t top = std::max<int64_t>(0, s.h.At(block.r, 0));
    for (int64_t q = 0; q < n; ++q) {
      const int64_t left = std::max<int64_t>(0, s.w.At(block.begin + q, 0));
      place[q] = static_cast<int32_t>(top * s.w.extent + left);
    }
  }
  ForEachTap(s, block, [&](int64_t first, int64_t at, int64_t count) {
    const int64_t q = first - block.begin;
    WithStride(s.w.stride, [&](auto stride) {
      TakeLarger<kPlaces>(x + at, stride, count, value + q,
                          static_cast<int32_t>(at),
                          kPlaces ? place + q : nullptr);
    });
  });
}

// y[q] += x[q * stride], and its adjoint.
template <class T, class Stride>
void AddFrom(const T* __restrict x, Stride stride, int64_t n, T* __restrict y) {
  for (int64_t q = 0; q < n; ++q) y[q] += x[q * stride];
}
template <class T, class Stride>
void AddTo(T* __restrict x, Stride stride, int64_t n, const T* __restrict y) {
  for (int64_t q = 0; q < n; ++q) x[q * stride] += y[q];
}

// What the sums of a block are divided by.
template <class T>
void FindCounts(const Pool2dShape& s, const Block& block, bool count_padding,
                T* count) {
  const auto inside = [](const Windows& along, int64_t i) {
    return std::min(along.extent, along.At(i, along.size)) -
           std::max<int64_t>(0, along.At(i, 0));
  };
  const int64_t all = s.h.size * s.w.size;
  for (int64_t q = block.begin; q < block.end; ++q) {
    count[q - block.begin] = static_cast<T>(
        count_padding ? all : inside(s.h, block.r) * inside(s.w, q));
  }
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
    ForEachBlock(s, [&](const Block& block) {
      T* const row = to + block.r * s.w.count;
      FindMaxima<false>(s, block, from, row + block.begin, nullptr);
    });
  });
}

template <class T>
void MaxPool2dGradient(const Pool2dShape& s, const T* x, const T* dy, T* dx) {
  const bool of_four = IsTwoByTwo(s);
  // Windows of four leave nothing out, but for the last row or column of an odd
  // extent.
  const bool fill = !of_four || s.image() > 4 * s.positions();
  ForEachPlane(s, [&](int64_t plane) {
    const T* const image = x + plane * s.image();
    const T* const gradient = dy + plane * s.positions();
    T* const to = dx + plane * s.image();
    if (fill) std::fill_n(to, s.image(), T{0});
    if (of_four) {
      return SpreadOverFour(s.h.count, s.w.count, s.w.extent, image, gradient,
                            to);
    }
    ForEachBlock(s, [&](const Block& block) {
      const T* const from = gradient + block.r * s.w.count;
      T value[kBlock];
      int32_t place[kBlock];
      FindMaxima<true>(s, block, image, value, place);
      for (int64_t q = block.begin; q < block.end; ++q) {
        to[place[q - block.begin]] += from[q];
      }
    });
  });
}

template <class T>
void MaxPool2dGather(const Pool2dShape& s, const T* x, const T* v, T* y) {
  ForEachPlane(s, [&](int64_t plane) {
    const T* const from = v + plane * s.image();
    ForEachBlock(s, [&](const Block& block) {
      T* const to = y + plane * s.positions() + block.r * s.w.count;
      T value[kBlock];
      int32_t place[kBlock];
      FindMaxima<true>(s, block, x + plane * s.image(), value, place);
      for (int64_t q = block.begin; q < block.end; ++q) {
        to[q] = from[place[q - block.begin]];
      }
    });
  });
}

template <class T>
void AvgPool2d(const Pool2dShape& s, bool count_padding, const T* x, T* y) {
  ForEachPlane(s, [&](int64_t plane) {
    const T* const from = x + plane * s.image();
    ForEachBlock(s, [&](const Block& block) {
      T* const row = y + plane * s.positions() + block.r * s.w.count;
      std::fill(row + block.begin, row + block.end, T{0});
      ForEachTap(s, block, [&](int64_t q, int64_t at, int64_t n) {
        WithStride(s.w.stride, [&](auto stride) {
          AddFrom(from + at, stride, n, row + q);
        });
      });
      T count[kBlock];
      FindCounts(s, block, count_padding, count);
      for (int64_t q = block.begin; q < block.end; ++q) {
        row[q] /= count[q - block.begin];
      }
    });
  });
}

template <class T>
void AvgPool2dGradient(const Pool2dShape& s, bool count_padding, const T* dy,
                       T* dx) {
  ForEachPlane(s, [&](int64_t plane) {
    T* const to = dx + plane * s.image();
    std::fill_n(to, s.image(), T{0});
    ForEachBlock(s, [&](const Block& block) {
      const T* from = dy + plane * s.positions() + block.r * s.w.count;
      T count[kBlock], share[kBlock];
      FindCounts(s, block, count_padding, count);
      for (int64_t q = block.begin; q < block.end; ++q) {
        share[q - block.begin] = from[q] / count[q - block.begin];
      }
      ForEachTap(s, block, [&](int64_t q, int64_t at, int64_t n) {
        WithStride(s.w.stride, [&](auto stride) {
          AddTo(to + at, stride, n, share + (q - block.begin));
        });
      });
    });
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
