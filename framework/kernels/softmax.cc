#include "framework/kernels/softmax.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>

#include "framework/base/parallel_for.h"
#include "framework/base/vectorize.h"
#include "framework/kernels/lanes.h"
#include "framework/kernels/math.h"
#include "framework/kernels/rows.h"
#include "framework/kernels/scratch.h"

namespace adjoint::kernels {
namespace {

// Elements to a parallel chunk, each of which costs an exponential, and how
// many a row's maximum, sums and ragged end cost beside them: about 60 ns.
constexpr int64_t kSoftmaxGrain = 32 * 1024;
constexpr int64_t kRowCost = 256;

// Columns that are taken together: full cache lines, and few enough that their
// maxima and sums stay in the nearest cache.
constexpr int64_t kColumns = 64;

// Rows are taken together until they have so many elements, and rows at most.
constexpr int64_t kPiece = 1024, kRows = 64;

// What the memory of a thread is for.
enum class SoftmaxScratch { kExps, kProducts };

// Of x [rows, n], rows <= kRows: the maximum of each row, e[r,c] =
// e^(x[r,c] - max[r]), and the sum of each row of e.
template <class T>
struct RowExps {
  const int64_t rows, n;
  T* const e;
  T max[kRows];
  double sum[kRows];  // By SumUp.

  RowExps(const T* x, int64_t rows, int64_t n)
      : rows(rows),
        n(n),
        e(Scratch<T, SoftmaxScratch::kExps>(RoundUpToLanes(rows * n))) {
    const int64_t size = rows * n, room = RoundUpToLanes(size);
    MaxRows(x, rows, n, max);
    SubtractFromRows(x, max, rows, n, e);
    std::fill(e + size, e + room, T(0));
    WithWidestVectors([this, room] {
      for (int64_t i = 0; i < room; ++i) e[i] = ExpOfNonPositive(e[i]);
    });
  }

  void SumUp() { SumRows(e, rows, n, sum); }

  // y[r] = fn(sum[r]), in whole vectors: y has kRows elements.
  template <class To, class Fn>
  void MapSums(To* y, Fn fn) {
    const int64_t room = RoundUpToLanes(rows);
    std::fill(sum + rows, sum + room, 1.0);
    WithWidestVectors([=, this] {
      for (int64_t r = 0; r < room; ++r) y[r] = static_cast<To>(fn(sum[r]));
    });
  }
};

struct SoftmaxAlong {
  template <class T>
  static void Rows(const T* x, int64_t rows, int64_t n, T* y) {
    RowExps<T> exps(x, rows, n);
    exps.SumUp();
    T scale[kRows];
    exps.MapSums(scale, [](double sum) { return 1 / sum; });
    ScaleRows(exps.e, scale, rows, n, y);
  }

  template <class T>
  static void Columns(const T* x, int64_t n, int64_t inner, int64_t width, T* y,
                      const T* max) {
    std::array<double, kColumns> sum = {};
    for (int64_t r = 0; r < n; ++r) {
      for (int64_t i = 0; i < width; ++i) {
        sum[i] += y[r * inner + i] =
            ExpOfNonPositive(x[r * inner + i] - max[i]);
      }
    }
    for (int64_t r = 0; r < n; ++r) {
      for (int64_t i = 0; i < width; ++i) {
        y[r * inner + i] /= static_cast<T>(sum[i]);
      }
    }
  }
};

struct LogSoftmaxAlong {
  template <class T>
  static void Rows(const T* x, int64_t rows, int64_t n, T* y) {
    RowExps<T> exps(x, rows, n);
    exps.SumUp();
    T log[kRows];
    exps.MapSums(log, [](double sum) { return Log(sum); });
    SubtractFromRows(x, exps.max, log, rows, n, y);
  }

  template <class T>
  static void Columns(const T* x, int64_t n, int64_t inner, int64_t width, T* y,
                      const T* max) {
    std::array<double, kColumns> sum = {};
    for (int64_t r = 0; r < n; ++r) {
      for (int64_t i = 0; i < width; ++i) {
        sum[i] += ExpOfNonPositive(x[r * inner + i] - max[i]);
      }
    }
    std::array<T, kColumns> log;
    for (int64_t i = 0; i < width; ++i) {
      log[i] = static_cast<T>(std::log(sum[i]));
    }
    for (int64_t r = 0; r < n; ++r) {
      for (int64_t i = 0; i < width; ++i) {
        y[r * inner + i] = x[r * inner + i] - max[i] - log[i];
      }
    }
  }
};

// Calls row(r) for each of `rows` rows of n elements.
template <class Fn>
void ForEachRow(int64_t rows, int64_t n, Fn row) {
  ParallelFor(rows, std::max<int64_t>(1, kSoftmaxGrain / (n + kRowCost)),
              [&](int64_t begin, int64_t end) {
                WithWidestVectors([&row, begin, end] {
                  for (int64_t r = begin; r < end; ++r) row(r);
                });
              });
}

// Calls block(r, m) for rows [r, r + m) of n elements, as many as are taken
// together.
template <class Fn>
void ForEachBlock(int64_t rows, int64_t n, Fn block) {
  const int64_t grain = std::max<int64_t>(1, kSoftmaxGrain / (n + kRowCost));
  const int64_t height = std::clamp<int64_t>(kPiece / (n + 1), 1, kRows);
  ParallelFor(rows, grain, [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; r += height) {
      block(r, std::min(height, end - r));
    }
  });
}

// Calls columns(offset, width) for each of the groups of columns of [outer, n,
// inner] that are taken together: the first one's first element, and how many.
template <class Fn>
void ForEachColumns(int64_t outer, int64_t n, int64_t inner, Fn columns) {
  const int64_t groups = NumChunks(inner, kColumns);
  ForEachRow(outer * groups, n * std::min(inner, kColumns), [=](int64_t i) {
    const int64_t first = i % groups * kColumns;
    columns(i / groups * n * inner + first, std::min(inner - first, kColumns));
  });
}

template <class Along, class T>
void Normalize(const T* x, int64_t outer, int64_t n, int64_t inner, T* y) {
  if (n == 0) return;
  if (inner == 1) {
    return ForEachBlock(outer, n, [&](int64_t o, int64_t m) {
      Along::Rows(x + o * n, m, n, y + o * n);
    });
  }
  ForEachColumns(outer, n, inner, [=](int64_t offset, int64_t width) {
    std::array<T, kColumns> max;
    std::fill_n(max.begin(), width, -std::numeric_limits<T>::infinity());
    // A NaN need not win here: it makes the sum NaN all the same.
    for (int64_t r = 0; r < n; ++r) {
      for (int64_t i = 0; i < width; ++i) {
        max[i] = std::max(max[i], x[offset + r * inner + i]);
      }
    }
    Along::Columns(x + offset, n, inner, width, y + offset, max.data());
  });
}

template <class T>
void GradOfRows(const T* dy, const T* y, int64_t rows, int64_t n, T* dx) {
  const int64_t size = rows * n;
  T* const product = Scratch<T, SoftmaxScratch::kProducts>(size);
  WithWidestVectors([=] {
    for (int64_t i = 0; i < size; ++i) product[i] = dy[i] * y[i];
  });
  T sum[kRows];
  SumRows(product, rows, n, sum);
  SubtractFromRows(dy, sum, rows, n, dx);
  WithWidestVectors([=] {
    T* __restrict to = dx;
    for (int64_t i = 0; i < size; ++i) to[i] *= y[i];
  });
}

template <class T>
void GradOfColumns(const T* dy, const T* y, int64_t n, int64_t inner,
                   int64_t width, T* dx) {
  std::array<double, kColumns> sum = {};
  for (int64_t r = 0; r < n; ++r) {
    for (int64_t i = 0; i < width; ++i) {
      sum[i] += dy[r * inner + i] * y[r * inner + i];
    }
  }
  for (int64_t r = 0; r < n; ++r) {
    for (int64_t i = 0; i < width; ++i) {
      const int64_t at = r * inner + i;
      dx[at] = y[at] * (dy[at] - static_cast<T>(sum[i]));
    }
  }
}

}  // namespace

template <class T>
void Softmax(const T* x, int64_t outer, int64_t n, int64_t inner, T* y) {
  Normalize<SoftmaxAlong>(x, outer, n, inner, y);
}

template <class T>
void SoftmaxGrad(const T* dy, const T* y, int64_t outer, int64_t n,
                 int64_t inner, T* dx) {
  if (n == 0) return;
  if (inner == 1) {
    return ForEachBlock(outer, n, [&](int64_t o, int64_t m) {
      GradOfRows(dy + o * n, y + o * n, m, n, dx + o * n);
    });
  }
  ForEachColumns(outer, n, inner, [=](int64_t offset, int64_t width) {
    GradOfColumns(dy + offset, y + offset, n, inner, width, dx + offset);
  });
}

template <class T>
void LogSoftmax(const T* x, int64_t outer, int64_t n, int64_t inner, T* y) {
  Normalize<LogSoftmaxAlong>(x, outer, n, inner, y);
}

template <class T>
void CrossEntropy(const T* x, const int32_t* label, int64_t rows,
                  int64_t classes, T* y) {
  ForEachBlock(rows, classes, [&](int64_t first, int64_t m) {
    RowExps<T> exps(x + first * classes, m, classes);
    exps.SumUp();
    double log[kRows];
    exps.MapSums(log, [](double sum) { return Log(sum); });
    for (int64_t r = 0; r < m; ++r) {
      const T* row = x + (first + r) * classes;
      // First the difference of the large terms, lest they swallow the log.
      y[first + r] =
          static_cast<T>(log[r] + (exps.max[r] - row[label[first + r]]));
    }
  });
}

template <class T>
void CrossEntropyGrad(const T* dy, const T* x, const int32_t* label,
                      int64_t rows, int64_t classes, T* dx) {
  ForEachBlock(rows, classes, [&](int64_t first, int64_t m) {
    RowExps<T> exps(x + first * classes, m, classes);
    T scale[kRows], at_label[kRows];
    for (int64_t r = 0; r < m; ++r) {
      at_label[r] = std::exchange(exps.e[r * classes + label[first + r]], T(0));
    }
    exps.SumUp();  // What of each softmax is not at the label.
    for (int64_t r = 0; r < m; ++r) {
      const double others = exps.sum[r];
      const double factor = dy[first + r] / (others + at_label[r]);
      scale[r] = static_cast<T>(factor);
      at_label[r] = static_cast<T>(-others * factor);
    }
    T* const out = dx + first * classes;
    ScaleRows(exps.e, scale, m, classes, out);
    for (int64_t r = 0; r < m; ++r) {
      out[r * classes + label[first + r]] = at_label[r];
    }
  });
}

#define ADJOINT_INSTANTIATE(T)                                                \
  template void Softmax(const T*, int64_t, int64_t, int64_t, T*);             \
  template void SoftmaxGrad(const T*, const T*, int64_t, int64_t, int64_t,    \
                            T*);                                              \
  template void LogSoftmax(const T*, int64_t, int64_t, int64_t, T*);          \
  template void CrossEntropy(const T*, const int32_t*, int64_t, int64_t, T*); \
  template void CrossEntropyGrad(const T*, const T*, const int32_t*, int64_t, \
                                 int64_t, T*);
ADJOINT_INSTANTIATE(float)
ADJOINT_INSTANTIATE(double)
#undef ADJOINT_INSTANTIATE

}  // namespace adjoint::kernels
