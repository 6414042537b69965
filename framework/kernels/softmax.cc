#include "framework/kernels/softmax.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "framework/base/parallel_for.h"
#include "framework/base/vectorize.h"
#include "framework/kernels/lanes.h"
#include "framework/kernels/math.h"
#include "framework/kernels/short_rows.h"

namespace adjoint::kernels {
namespace {

// Elements to a parallel chunk, each of which costs an exponential, and how
// many a row's maximum, sums and ragged end cost beside them: about 60 ns.
constexpr int64_t kGrain = 32 * 1024;
constexpr int64_t kRowCost = 256;

// Columns that are taken together: full cache lines, and few enough that their
// maxima and sums stay in the nearest cache.
constexpr int64_t kColumns = 64;

template <class T>
T MaxOf(const T* x, int64_t n) {
  // A NaN need not win: it makes the sum NaN all the same.
  return CombineInLanes(
      n, -std::numeric_limits<T>::infinity(), [x](int64_t i) { return x[i]; },
      [](T a, T b) { return a > b ? a : b; });
}

double Add(double a, double b) { return a + b; }

// The sum of e^(x - max).
template <class T>
double SumExp(const T* x, int64_t n, T max) {
  return CombineInLanes(
      n, 0.0,
      [x, max](int64_t i) { return static_cast<double>(Exp(x[i] - max)); },
      Add);
}

// y = e^(x - max(x)); returns its sum.
template <class T>
double ExpRow(const T* x, int64_t n, T* __restrict y) {
  const T max = MaxOf(x, n);
  for (int64_t i = 0; i < n; ++i) y[i] = Exp(x[i] - max);
  return CombineInLanes(
      n, 0.0, [y](int64_t i) { return static_cast<double>(y[i]); }, Add);
}

// kShortRows rows side by side (short_rows.h), with e^(x - max) in place of x.
template <class T>
struct ShortExps {
  T e[kShortRow * kShortRows];
  T max[kShortRows];
  double sum[kShortRows];

  ShortExps(const T* x, int64_t rows, int64_t n) {
    LayShortRows(x, rows, n, e);
    // A NaN need not win here either.
    std::fill_n(max, kShortRows, -std::numeric_limits<T>::infinity());
    std::fill_n(sum, kShortRows, 0.0);
    for (int64_t c = 0; c < n; ++c) {
      const T* row = e + c * kShortRows;
      for (int64_t r = 0; r < kShortRows; ++r) {
        max[r] = max[r] > row[r] ? max[r] : row[r];
      }
    }
    for (int64_t c = 0; c < n; ++c) {
      T* row = e + c * kShortRows;
      for (int64_t r = 0; r < kShortRows; ++r) {
        row[r] = Exp(row[r] - max[r]);
        sum[r] += row[r];
      }
    }
  }
};

struct SoftmaxAlong {
  template <class T>
  static void ShortRows(const T* x, int64_t rows, int64_t n, T* y) {
    ShortExps<T> exps(x, rows, n);
    T scale[kShortRows];
    for (int64_t r = 0; r < kShortRows; ++r) {
      scale[r] = static_cast<T>(1 / exps.sum[r]);
    }
    for (int64_t c = 0; c < n; ++c) {
      T* row = exps.e + c * kShortRows;
      for (int64_t r = 0; r < kShortRows; ++r) row[r] *= scale[r];
    }
    TakeShortRows(exps.e, rows, n, y);
  }

  template <class T>
  static void Row(const T* x, int64_t n, T* y) {
    const T scale = static_cast<T>(1 / ExpRow(x, n, y));
    for (int64_t i = 0; i < n; ++i) y[i] *= scale;
  }

  template <class T>
  static void Columns(const T* x, int64_t n, int64_t inner, int64_t width, T* y,
                      const T* max) {
    std::array<double, kColumns> sum = {};
    for (int64_t r = 0; r < n; ++r) {
      for (int64_t i = 0; i < width; ++i) {
        sum[i] += y[r * inner + i] = Exp(x[r * inner + i] - max[i]);
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
  static void ShortRows(const T* x, int64_t rows, int64_t n, T* y) {
    const ShortExps<T> exps(x, rows, n);
    T log[kShortRows];
    for (int64_t r = 0; r < kShortRows; ++r) {
      log[r] = static_cast<T>(Log(exps.sum[r]));
    }
    for (int64_t r = 0; r < rows; ++r) {
      for (int64_t c = 0; c < n; ++c) {
        y[r * n + c] = x[r * n + c] - exps.max[r] - log[r];
      }
    }
  }

  template <class T>
  static void Row(const T* x, int64_t n, T* y) {
    const T max = MaxOf(x, n);
    const T log = static_cast<T>(std::log(SumExp(x, n, max)));
    for (int64_t i = 0; i < n; ++i) y[i] = x[i] - max - log;
  }

  template <class T>
  static void Columns(const T* x, int64_t n, int64_t inner, int64_t width, T* y,
                      const T* max) {
    std::array<double, kColumns> sum = {};
    for (int64_t r = 0; r < n; ++r) {
      for (int64_t i = 0; i < width; ++i) {
        sum[i] += Exp(x[r * inner + i] - max[i]);
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
  ParallelFor(rows, std::max<int64_t>(1, kGrain / (n + kRowCost)),
              [&](int64_t begin, int64_t end) {
                WithWidestVectors([&row, begin, end] {
                  for (int64_t r = begin; r < end; ++r) row(r);
                });
              });
}

// Calls block(r, m) for rows [r, r + m), m <= kShortRows, of n elements each.
template <class Fn>
void ForEachBlock(int64_t rows, int64_t n, Fn block) {
  ForEachRow(NumChunks(rows, kShortRows), n * kShortRows, [&](int64_t b) {
    const int64_t first = b * kShortRows;
    block(first, std::min(kShortRows, rows - first));
  });
}

template <class Along, class T>
void Normalize(const T* x, int64_t outer, int64_t n, int64_t inner, T* y) {
  if (n == 0) return;
  if (inner == 1 && n <= kShortRow) {
    return ForEachBlock(outer, n, [&](int64_t o, int64_t m) {
      Along::ShortRows(x + o * n, m, n, y + o * n);
    });
  }
  if (inner == 1) {
    ForEachRow(outer, n,
               [&](int64_t o) { Along::Row(x + o * n, n, y + o * n); });
    return;
  }
  const int64_t blocks = NumChunks(inner, kColumns);
  ForEachRow(outer * blocks, n * std::min(inner, kColumns), [&](int64_t block) {
    const int64_t first = block % blocks * kColumns;
    const int64_t width = std::min(inner - first, kColumns);
    const int64_t offset = block / blocks * n * inner + first;
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

}  // namespace

template <class T>
void Softmax(const T* x, int64_t outer, int64_t n, int64_t inner, T* y) {
  Normalize<SoftmaxAlong>(x, outer, n, inner, y);
}

template <class T>
void LogSoftmax(const T* x, int64_t outer, int64_t n, int64_t inner, T* y) {
  Normalize<LogSoftmaxAlong>(x, outer, n, inner, y);
}

template <class T>
void CrossEntropy(const T* x, const int32_t* label, int64_t rows,
                  int64_t classes, T* y) {
  if (classes <= kShortRow) {
    return ForEachBlock(rows, classes, [&](int64_t first, int64_t m) {
      const ShortExps<T> exps(x + first * classes, m, classes);
      double log[kShortRows];
      for (int64_t r = 0; r < kShortRows; ++r) log[r] = Log(exps.sum[r]);
      for (int64_t r = 0; r < m; ++r) {
        const T* row = x + (first + r) * classes;
        y[first + r] =
            static_cast<T>(log[r] + (exps.max[r] - row[label[first + r]]));
      }
    });
  }
  ForEachRow(rows, classes, [&](int64_t r) {
    const T* row = x + r * classes;
    const T max = MaxOf(row, classes);
    // First the difference of the large terms, lest they swallow the log.
    y[r] = static_cast<T>(std::log(SumExp(row, classes, max)) +
                          (max - row[label[r]]));
  });
}

template <class T>
void CrossEntropyGrad(const T* dy, const T* x, const int32_t* label,
                      int64_t rows, int64_t classes, T* dx) {
  if (classes <= kShortRow) {
    return ForEachBlock(rows, classes, [&](int64_t first, int64_t m) {
      ShortExps<T> exps(x + first * classes, m, classes);
      double scale[kShortRows] = {}, others[kShortRows] = {};
      for (int64_t r = 0; r < m; ++r) {
        scale[r] = dy[first + r] / exps.sum[r];
        others[r] = exps.sum[r] - exps.e[label[first + r] * kShortRows + r];
      }
      for (int64_t c = 0; c < classes; ++c) {
        T* row = exps.e + c * kShortRows;
        for (int64_t r = 0; r < kShortRows; ++r) {
          row[r] *= static_cast<T>(scale[r]);
        }
      }
      T* out = dx + first * classes;
      TakeShortRows(exps.e, m, classes, out);
      for (int64_t r = 0; r < m; ++r) {
        out[r * classes + label[first + r]] =
            static_cast<T>(-others[r] * scale[r]);
      }
    });
  }
  ForEachRow(rows, classes, [&](int64_t r) {
    T* out = dx + r * classes;
    const double sum = ExpRow(x + r * classes, classes, out);
    const double scale = dy[r] / sum;
    const double others = sum - out[label[r]];
    for (int64_t c = 0; c < classes; ++c) out[c] *= static_cast<T>(scale);
    out[label[r]] = static_cast<T>(-others * scale);
  });
}

template void Softmax(const float*, int64_t, int64_t, int64_t, float*);
template void Softmax(const double*, int64_t, int64_t, int64_t, double*);
template void LogSoftmax(const float*, int64_t, int64_t, int64_t, float*);
template void LogSoftmax(const double*, int64_t, int64_t, int64_t, double*);
template void CrossEntropy(const float*, const int32_t*, int64_t, int64_t,
                           float*);
template void CrossEntropy(const double*, const int32_t*, int64_t, int64_t,
                           double*);
template void CrossEntropyGrad(const float*, const float*, const int32_t*,
                               int64_t, int64_t, float*);
template void CrossEntropyGrad(const double*, const double*, const int32_t*,
                               int64_t, int64_t, double*);

}  // namespace adjoint::kernels
