#include "framework/kernels/reduce.h"

#include <algorithm>
#include <array>
#include <limits>

#include "framework/base/parallel_for.h"
#include "framework/base/vectorize.h"
#include "framework/kernels/lanes.h"
#include "framework/kernels/scratch.h"

namespace adjoint::kernels {
namespace {

// Elements that one partial result covers, and elements to a parallel chunk.
constexpr int64_t kBlock = 4096;
constexpr int64_t kGrain = 64 * 1024;

struct Add {
  template <class T>
  static constexpr T kIdentity = 0;
  template <class T>
  T operator()(T a, T b) const {
    return a + b;
  }
};

struct Maximum {
  template <class T>
  static constexpr T kIdentity = -std::numeric_limits<T>::infinity();
  // A NaN on either side wins: `b` when b is NaN, for no comparison holds.
  template <class T>
  T operator()(T a, T b) const {
    return a > b || a != a ? a : b;
  }
};

// At most kBlock adjacent elements.
template <class F, class T>
T ReduceBlock(const T* x, int64_t n) {
  return CombineInLanes(
      n, F::template kIdentity<T>, [x](int64_t i) { return x[i]; }, F());
}

// Adjacent elements: blocks, then the blocks' results, and so on.
// `partial` has room for the results of all of them.
template <class F, class T>
T ReduceRow(const T* x, int64_t n, T* partial) {
  if (n <= kBlock) return ReduceBlock<F>(x, n);
  ParallelFor(n, kBlock, [&](int64_t begin, int64_t end) {
    WithWidestVectors([=] {
      partial[begin / kBlock] = ReduceBlock<F>(x + begin, end - begin);
    });
  });
  const int64_t blocks = NumChunks(n, kBlock);
  return ReduceRow<F>(partial, blocks, partial + blocks);
}

enum class ReduceScratch { kPartial };

template <class F, class T>
T ReduceRow(const T* x, int64_t n) {
  int64_t room = 0;
  for (int64_t m = n; m > kBlock;) room += m = NumChunks(m, kBlock);
  return ReduceRow<F>(x, n, Scratch<T, ReduceScratch::kPartial>(room));
}

// Columns [begin, end) of the [n, inner] matrix x, row by row. Long columns are
// split in two halves of rows, which keeps the error of a sum small.
template <class F, class T>
void ReduceColumns(const T* x, int64_t n, int64_t inner, int64_t begin,
                   int64_t end, T* y) {
  constexpr int64_t kRows = 256;
  if (n <= kRows) {
    WithWidestVectors([=] {
      std::fill(y + begin, y + end, F::template kIdentity<T>);
      for (int64_t r = 0; r < n; ++r) {
        const T* __restrict row = x + r * inner;
        T* __restrict out = y;
        for (int64_t i = begin; i < end; ++i) out[i] = F()(out[i], row[i]);
      }
    });
    return;
  }
  const int64_t half = n / 2;
  std::array<T, kGrain / kRows> second;
  ReduceColumns<F>(x, half, inner, begin, end, y);
  ReduceColumns<F>(x + half * inner + begin, n - half, inner, 0, end - begin,
                   second.data());
  for (int64_t i = begin; i < end; ++i) y[i] = F()(y[i], second[i - begin]);
}

template <class F, class T>
void ReduceAxis(const T* x, int64_t outer, int64_t n, int64_t inner, T* y) {
  if (inner == 1) {
    const int64_t grain = std::max<int64_t>(1, kGrain / (n + 1));
    ParallelFor(outer, grain, [&](int64_t begin, int64_t end) {
      if (n > kBlock) {
        for (int64_t o = begin; o < end; ++o) y[o] = ReduceRow<F>(x + o * n, n);
        return;
      }
      WithWidestVectors([=] {
        for (int64_t o = begin; o < end; ++o) {
          y[o] = ReduceBlock<F>(x + o * n, n);
        }
      });
    });
    return;
  }
  // A block of columns is wide enough for full cache lines.
  const int64_t width = std::clamp<int64_t>(kGrain / (n + 1), 64, 4096);
  const int64_t blocks = NumChunks(inner, width);
  const int64_t work = n * std::min(inner, width);
  ParallelFor(outer * blocks, std::max<int64_t>(1, kGrain / (work + 1)),
              [&](int64_t begin, int64_t end) {
                for (int64_t c = begin; c < end; ++c) {
                  const int64_t o = c / blocks, first = c % blocks * width;
                  ReduceColumns<F>(x + o * n * inner, n, inner, first,
                                   std::min(inner, first + width),
                                   y + o * inner);
                }
              });
}

}  // namespace

template <class T>
void SumAxis(const T* x, int64_t outer, int64_t n, int64_t inner, T* y) {
  ReduceAxis<Add>(x, outer, n, inner, y);
}

template <class T>
void MaxAxis(const T* x, int64_t outer, int64_t n, int64_t inner, T* y) {
  ReduceAxis<Maximum>(x, outer, n, inner, y);
}

template void SumAxis(const float*, int64_t, int64_t, int64_t, float*);
template void SumAxis(const double*, int64_t, int64_t, int64_t, double*);
template void MaxAxis(const float*, int64_t, int64_t, int64_t, float*);
template void MaxAxis(const double*, int64_t, int64_t, int64_t, double*);

}  // namespace adjoint::kernels
