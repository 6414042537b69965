#include "framework/kernels/norm_rows.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

#include "framework/base/parallel_for.h"
#include "framework/base/vectorize.h"
#include "framework/kernels/rows.h"
#include "framework/kernels/scratch.h"

namespace adjoint::kernels {
namespace {

// Elements that are taken together, rows at most, and elements to a parallel
// chunk. What is computed of a piece stays in the nearest cache.
constexpr int64_t kPiece = 1024, kRows = 32;
constexpr int64_t kGrain = 16 * 1024;
static_assert(kShortNormRow <= kPiece);

// What the memory of a thread is for.
enum class NormRowsScratch { kPiece, kPartialSums };

// Products of a piece: y[i] = a[i] b[i], and y[r,j] = a[r,j] w[j].
template <class T>
void Multiply(const T* a, const T* b, int64_t size, T* y) {
  WithWidestVectors([=] {
    T* __restrict to = y;
    for (int64_t i = 0; i < size; ++i) to[i] = a[i] * b[i];
  });
}
template <class T>
void MultiplyByPlace(const T* a, const T* w, int64_t rows, int64_t n, T* y) {
  WithWidestVectors([=] {
    for (int64_t r = 0; r < rows; ++r) {
      T* __restrict to = y + r * n;
      for (int64_t j = 0; j < n; ++j) to[j] = a[r * n + j] * w[j];
    }
  });
}

// Some rows x [rows, n]: z = v rstd + shift with v = x - center. The mean is
// center + rest: x - center is exact where the mean is large, and x - mean,
// with a rounded mean, would not be.
template <class T>
struct Piece {
  const int64_t rows, n;
  T* const v;                // [rows, n]
  T *const u, *const terms;  // The same, for what is computed of v.
  T center[kRows], scale[kRows], shift[kRows];
  double rest[kRows], rstd[kRows];

  Piece(const T* x, int64_t rows, int64_t n, double epsilon)
      : rows(rows),
        n(n),
        v(Scratch<T, NormRowsScratch::kPiece>(3 * kPiece)),
        u(v + kPiece),
        terms(u + kPiece) {
    T sum[kRows] = {}, squares[kRows] = {};
    SumRows(x, rows, n, sum);
    for (int64_t r = 0; r < rows; ++r) center[r] = sum[r] / static_cast<T>(n);
    SubtractFromRows(x, center, rows, n, v);
    SumRows(v, rows, n, sum);
    Multiply(v, v, rows * n, terms);
    SumRows(terms, rows, n, squares);
    WithWidestVectors([&] {
      for (int64_t r = 0; r < kRows; ++r) {  // All, for the sake of vectors.
        const double by_n = 1 / static_cast<double>(n);
        rest[r] = sum[r] * by_n;
        const double variance = squares[r] * by_n - rest[r] * rest[r];
        rstd[r] = 1 / std::sqrt((variance > 0 ? variance : 0) + epsilon);
        scale[r] = static_cast<T>(rstd[r]);
        shift[r] = static_cast<T>(-rest[r] * rstd[r]);
      }
    });
  }
};

// y = z w + b
template <class T>
void NormPiece(const Piece<T>& p, const T* w, const T* b, T* y) {
  WithWidestVectors([&p, w, b, y] {
    for (int64_t r = 0; r < p.rows; ++r) {
      const T* v = p.v + r * p.n;
      T* __restrict to = y + r * p.n;
      const T scale = p.scale[r], shift = p.shift[r];
      for (int64_t j = 0, n = p.n; j < n; ++j) {
        to[j] = (v[j] * scale + shift) * w[j] + b[j];
      }
    }
  });
}

// dx = rstd (u - mean(u) - z mean(u z)), where u = w dy, as a sum of multiples:
//
//   dx = (u - mean_u) rstd + (v by_v + more)
//
// As with x, the difference to a rounded mean and then what that leaves.
template <class T>
struct GradientFactors {
  T mean_u[kRows], by_v[kRows], more[kRows];

  GradientFactors(const Piece<T>& p, const T* sum_u, const T* sum_uv) {
    const double by_n = 1 / static_cast<double>(p.n);
    for (int64_t r = 0; r < kRows; ++r) {
      const double mean = sum_u[r] * by_n, rstd = p.rstd[r];
      const double uz = (sum_uv[r] * by_n - p.rest[r] * mean) * rstd;
      const double slope = -rstd * rstd * uz;
      mean_u[r] = static_cast<T>(mean);
      by_v[r] = static_cast<T>(slope);
      more[r] = static_cast<T>(-rstd * (mean - mean_u[r]) - slope * p.rest[r]);
    }
  }
};

template <class T>
void GradientOfPiece(const Piece<T>& p, const T* dy, const T* w, T* dx) {
  T sum_u[kRows] = {}, sum_uv[kRows] = {};
  MultiplyByPlace(dy, w, p.rows, p.n, p.u);
  SumRows(p.u, p.rows, p.n, sum_u);
  Multiply(p.u, p.v, p.rows * p.n, p.terms);
  SumRows(p.terms, p.rows, p.n, sum_uv);
  WithWidestVectors([&p, &sum_u, &sum_uv, dx] {
    const GradientFactors<T> factors(p, sum_u, sum_uv);
    for (int64_t r = 0; r < p.rows; ++r) {
      const T scale = p.scale[r], mean_u = factors.mean_u[r];
      const T by_v = factors.by_v[r], more = factors.more[r];
      const T *u = p.u + r * p.n, *v = p.v + r * p.n;
      T* __restrict to = dx + r * p.n;
      for (int64_t j = 0, n = p.n; j < n; ++j) {
        to[j] = (u[j] - mean_u) * scale + (v[j] * by_v + more);
      }
    }
  });
}

// sums[j] += sum over r of dy z
template <class T>
void AddPieceTo(T* sums, const Piece<T>& p, const T* dy) {
  WithWidestVectors([&p, sums, dy] {
    for (int64_t r = 0; r < p.rows; ++r) {
      const T *v = p.v + r * p.n, *from = dy + r * p.n;
      T* __restrict to = sums;
      const T scale = p.scale[r], shift = p.shift[r];
      for (int64_t j = 0, n = p.n; j < n; ++j) {
        to[j] += from[j] * (v[j] * scale + shift);
      }
    }
  });
}

// Calls run(piece, first) for the rows [begin, end), the piece's first one at
// `first`.
template <class T, class Fn>
void ForEachPiece(const NormCall<T>& call, int64_t begin, int64_t end, Fn run) {
  const int64_t n = call.layout.inner;
  const int64_t height = std::min(kRows, kPiece / n);
  for (int64_t r = begin; r < end; r += height) {
    run(Piece<T>(call.x + r * n, std::min(height, end - r), n, call.epsilon),
        r * n);
  }
}

// Partial sums of some rows in T, and their sum in double.
template <class T>
void WeightGradient(const NormCall<T>& call) {
  const int64_t n = call.layout.inner, rows = call.layout.groups;
  const int64_t chunks = NumChunks(rows, kRows);
  T* const partial = Scratch<T, NormRowsScratch::kPartialSums>(chunks * n);
  ParallelFor(rows, kRows, [&](int64_t begin, int64_t end) {
    T* const sums = partial + begin / kRows * n;
    std::fill_n(sums, n, T{0});
    ForEachPiece(call, begin, end, [&](const Piece<T>& piece, int64_t first) {
      AddPieceTo(sums, piece, call.dy + first);
    });
  });
  for (int64_t j = 0; j < n; ++j) {
    double sum = 0;
    for (int64_t c = 0; c < chunks; ++c) sum += partial[c * n + j];
    call.out[j] = static_cast<T>(sum);
  }
}

}  // namespace

template <class T>
void NormShortRows(const NormCall<T>& call) {
  const int64_t n = call.layout.inner;
  if (n == 0) return;
  if (call.task == NormTask::kWeightGradient) return WeightGradient(call);
  const int64_t grain = std::max<int64_t>(1, kGrain / n);
  ParallelFor(call.layout.groups, grain, [&](int64_t begin, int64_t end) {
    ForEachPiece(call, begin, end, [&](const Piece<T>& piece, int64_t first) {
      if (call.task == NormTask::kNorm) {
        NormPiece(piece, call.w, call.b, call.out + first);
      } else {
        GradientOfPiece(piece, call.dy + first, call.w, call.out + first);
      }
    });
  });
}

template void NormShortRows(const NormCall<float>&);
template void NormShortRows(const NormCall<double>&);

}  // namespace adjoint::kernels
