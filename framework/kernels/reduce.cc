#include "framework/kernels/reduce.h"

#include <algorithm>
#include <array>
#include <limits>

#include "framework/base/parallel_for.h"
#include "framework/base/vectorize.h"
#include "framework/kernels/rows.h"
#include "framework/kernels/scratch.h"

namespace adjoint::kernels {
namespace {

// Elements that one partial result covers, and elements to a parallel chunk.
constexpr int64_t kBlock = 4096;
constexpr int64_t kReduceGrain = 64 * 1024;

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
  // A NaN on either side wins: no comparison with it holds. Without a branch.
  template <class T>
  T operator()(T a, T b) const {
    return (b > a) | (b != b) ? b : a;
  }
};

template <class T>
void ReduceRows(Add, const T* x, int64_t rows, int64_t n, T* y) {
  SumRows(x, rows, n, y);
}
template <class T>
void ReduceRows(Maximum, const T* x, int64_t rows, int64_t n, T* y) {
  MaxRows(x, rows, n, y);
}

// Adjacent elements: blocks, then the blocks' results, and so on.
// `partial` has room for the results of all of them.
template <class F, class T>
T ReduceRow(const T* x, int64_t n, T* partial) {
  if (n <= kBlock) {
    T y;
    ReduceRows(F(), x, 1, n, &y);
    return y;
  }
  ParallelFor(n, kBlock, [&](int64_t begin, int64_t end) {
    ReduceRows(F(), x + begin, 1, end - begin, partial + begin / kBlock);
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

// Columns [begin, end) of the [n, inner] matrix x, row by row, four rows at a
// time for each result that is read and written. Long columns are split in two
// halves of rows, which keeps the error of a sum small.
template <class F, class T>
void ReduceColumns(const T* x, int64_t n, int64_t inner, int64_t begin,
                   int64_t end, T* y) {
  constexpr int64_t kRows = 256;
  if (n <= kRows) {
    WithWidestVectors([=] {
      std::fill(y + begin, y + end, F::template kIdentity<T>);
      T* __restrict out = y;
      int64_t r = 0;
      for (; r + 4 <= n; r += 4) {
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
  std::array<T, kReduceGrain / kRows> second;
  ReduceColumns<F>(x, half, inner, begin, end, y);
  ReduceColumns<F>(x + half * inner + begin, n - half, inner, 0, end - begin,
                   second.data());
  for (int64_t i = begin; i < end; ++i) y[i] = F()(y[i], second[i - begin]);
}

// Rows of fewer elements lie side by side until they have about kWide: vectors
// would hardly begin in each.
constexpr int64_t kNarrow = 64, kWide = 256;

// All columns of the [n, inner] matrix x, inner <= kNarrow.
template <class F, class T>
void ReduceNarrow(const T* x, int64_t n, int64_t inner, T* y) {
  const int64_t fold = kWide / inner, width = fold * inner;
  std::array<T, kWide> wide;
  ReduceColumns<F>(x, n / fold, width, 0, width, wide.data());
  ReduceColumns<F>(wide.data(), fold, inner, 0, inner, y);
  for (int64_t i = n / fold * width; i < n * inner; i += inner) {
    for (int64_t j = 0; j < inner; ++j) y[j] = F()(y[j], x[i + j]);
  }
}

template <class F, class T>
void ReduceAxis(const T* x, int64_t outer, int64_t n, int64_t inner, T* y) {
  if (inner == 1) {
    const int64_t grain = std::max<int64_t>(1, kReduceGrain / (n + 1));
    ParallelFor(outer, grain, [&](int64_t begin, int64_t end) {
      if (n > kBlock) {
        for (int64_t o = begin; o < end; ++o) y[o] = ReduceRow<F>(x + o * n, n);
        return;
      }
      ReduceRows(F(), x + begin * n, end - begin, n, y + begin);
    });
    return;
  }
  // A block of columns is wide enough for full cache lines.
  const int64_t width = std::clamp<int64_t>(kReduceGrain / (n + 1), 64, 4096);
  const int64_t blocks = NumChunks(inner, width);
  const int64_t work = n * std::min(inner, width);
  ParallelFor(outer * blocks, std::max<int64_t>(1, kReduceGrain / (work + 1)),
              [&](int64_t begin, int64_t end) {
                for (int64_t c = begin; c < end; ++c) {
                  const int64_t o = c / blocks, first = c % blocks * width;
                  if (inner <= kNarrow && n >= kWide / inner) {
                    ReduceNarrow<F>(x + o * n * inner, n, inner, y + o * inner);
                    continue;
                  }
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
