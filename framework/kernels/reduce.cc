#include "framework/kernels/reduce.h"

#include <algorithm>
#include <array>
#include <limits>
#include <type_traits>

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

// ReduceBlock of each of `rows` rows. Some rows take each step together, for
// the single elements of the rest and the vector that they become part of would
// wait for each other.
template <class F, class T>
void ReduceBlocks(const T* x, int64_t rows, int64_t n, T* y) {
  if (n % kLanes == 0) {
    for (int64_t r = 0; r < rows; ++r) y[r] = ReduceBlock<F>(x + r * n, n);
    return;
  }
  constexpr int64_t kTogether = 16;
  Lanes<T> lanes[kTogether];
  const auto row = [=](int64_t r) {
    return [=](int64_t i) { return x[r * n + i]; };
  };
  for (int64_t first = 0; first < rows; first += kTogether) {
    const int64_t end = std::min(rows, first + kTogether);
    for (int64_t r = first; r < end; ++r) {
      lanes[r - first] = WholeLanes(n, F::template kIdentity<T>, row(r), F());
    }
    for (int64_t r = first; r < end; ++r) {
      AddRest(n, row(r), F(), lanes[r - first]);
    }
    for (int64_t r = first; r < end; ++r) {
      y[r] = CombineLanes(lanes[r - first], F());
    }
  }
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

// Columns [begin, end) of the [n, inner] matrix x, row by row; sums four rows
// at a time for each result that is read and written (of four maxima g++ makes
// no vectors). Long columns are split in two halves of rows, which keeps the
// error of a sum small.
template <class F, class T>
void ReduceColumns(const T* x, int64_t n, int64_t inner, int64_t begin,
                   int64_t end, T* y) {
  constexpr int64_t kRows = 256;
  if (n <= kRows) {
    WithWidestVectors([=] {
      std::fill(y + begin, y + end, F::template kIdentity<T>);
      T* __restrict out = y;
      int64_t r = 0;
      for (; std::is_same_v<F, Add> && r + 4 <= n; r += 4) {
        const T* __restrict row = x + r * inner;
        for (int64_t i = begin; i < end; ++i) {
          const T two = F()(F()(out[i], row[i]), row[i + inner]);
          out[i] = F()(F()(two, row[i + 2 * inner]), row[i + 3 * inner]);
        }
      }
      for (; r < n; ++r) {
        const T* __restrict row = x + r * inner;
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
      WithWidestVectors(
          [=] { ReduceBlocks<F>(x + begin * n, end - begin, n, y + begin); });
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
