#include "framework/kernels/norm_rows.h"

#include <algorithm>
#include <cstdint>

#include "framework/base/parallel_for.h"
#include "framework/kernels/scratch.h"

// As gemm.cc: arrays of vectors, whose length must be a constant.
#define HWY_DISABLED_TARGETS                                               \
  (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV | HWY_SSSE3 | \
   HWY_AVX3_DL)

// foreach_target.h includes this file again for each target, so it comes first.
// clang-format off
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "framework/kernels/norm_rows.cc"
#include "hwy/foreach_target.h"
#include "framework/kernels/norm_row_group-inl.h"
#include "framework/kernels/vector-inl.h"
#include "hwy/highway.h"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace adjoint::kernels::HWY_NAMESPACE {

// Elements to a parallel chunk, and rows whose share of a weight's gradient is
// summed in T.
constexpr int64_t kNormRowsGrain = 16 * 1024, kNormRowsSummed = 32;

// What the memory of a thread is for.
enum class NormRowsScratch { kPartialSums };

// y = z w + b
template <class T>
HWY_NOINLINE void NormRows(const NormCall<T>& call, int64_t first,
                           int64_t rows) {
  RowGroup<T> group(call, first, rows);
  group.Normalize();
  const Tag<T> d;
  const T *const w = call.w, *const b = call.b;
  for (int64_t r = 0; r < rows; ++r) {
    const T* const x = call.x + group.At(r);
    T* const y = call.out + group.At(r);
    const auto center = hn::Set(d, group.center[r]);
    const auto scale = hn::Set(d, group.scale[r]);
    const auto shift = hn::Set(d, group.shift[r]);
    ForRow<T>(group.n, [=](int64_t j, auto part) HWY_ATTR {
      const auto v = hn::Sub(part.Load(x + j), center);
      const auto z = hn::MulAdd(v, scale, shift);
      part.Store(hn::MulAdd(z, part.Load(w + j), part.Load(b + j)), y + j);
    });
  }
}

// dx = rstd (u - mean(u) - z mean(u z)), where u = w dy, as a sum of multiples:
//
//   dx = (u - mean_u) scale + (v by_v + more)
//
// As with x, the difference to a rounded mean and then what that leaves.
template <class T>
struct GradientFactors {
  T mean_u[kLanes<T>], by_v[kLanes<T>], more[kLanes<T>];

  // From the sums of u and u v.
  HWY_INLINE GradientFactors(const RowGroup<T>& group, const T* sum_u,
                             const T* sum_uv) {
    const double by_n = 1 / static_cast<double>(group.n);
    for (int64_t r = 0; r < kLanes<T>; ++r) {
      const double mean = sum_u[r] * by_n, rstd = group.rstd[r];
      const double uz = (sum_uv[r] * by_n - group.rest[r] * mean) * rstd;
      const double slope = -rstd * rstd * uz;
      mean_u[r] = static_cast<T>(mean);
      by_v[r] = static_cast<T>(slope);
      more[r] =
          static_cast<T>(-rstd * (mean - mean_u[r]) - slope * group.rest[r]);
    }
  }
};

// The same sums as Normalize, and those of u and u v with them. Leaves u where
// dx will be: computed anew, and fused with the difference, it would not be the
// u of the sum, and a row of one element had a gradient.
template <class T>
HWY_INLINE GradientFactors<T> FactorsOf(RowGroup<T>& group) {
  const NormCall<T>& call = group.call;
  const T* const w = call.w;
  RowSums<T> sums, squares, sums_u, sums_uv;
  for (int64_t r = 0; r < group.rows; ++r) {
    const T *const x = call.x + group.At(r), *const dy = call.dy + group.At(r);
    T* const to = call.out + group.At(r);
    const auto center = hn::Set(Tag<T>(), group.center[r]);
    Vector<T> sum = hn::Zero(Tag<T>()), square = sum, sum_u = sum, sum_uv = sum;
    ForRow<T>(group.n,
              [&, x, dy, w, to, center](int64_t j, auto part) HWY_ATTR {
                const auto v = part.Deviation(x + j, center);
                const auto u = hn::Mul(part.Load(dy + j), part.Load(w + j));
                part.Store(u, to + j);
                sum = hn::Add(sum, v);
                square = hn::MulAdd(v, v, square);
                sum_u = hn::Add(sum_u, u);
                sum_uv = hn::MulAdd(u, v, sum_uv);
              });
    sums.Set(r, sum);
    squares.Set(r, square);
    sums_u.Set(r, sum_u);
    sums_uv.Set(r, sum_uv);
  }
  for (RowSums<T>* s : {&sums, &squares, &sums_u, &sums_uv}) {
    s->Finish(group.rows);
  }
  group.SetScale(sums.of_row, squares.of_row);
  return GradientFactors<T>(group, sums_u.of_row, sums_uv.of_row);
}

template <class T>
HWY_NOINLINE void GradientRows(const NormCall<T>& call, int64_t first,
                               int64_t rows) {
  RowGroup<T> group(call, first, rows);
  const GradientFactors<T> factors = FactorsOf(group);
  const Tag<T> d;
  for (int64_t r = 0; r < rows; ++r) {
    const T* const x = call.x + group.At(r);
    T* const dx = call.out + group.At(r);
    const auto center = hn::Set(d, group.center[r]);
    const auto scale = hn::Set(d, group.scale[r]);
    const auto mean_u = hn::Set(d, factors.mean_u[r]);
    const auto by_v = hn::Set(d, factors.by_v[r]);
    const auto more = hn::Set(d, factors.more[r]);
    ForRow<T>(group.n, [=](int64_t j, auto part) HWY_ATTR {
      const auto v = hn::Sub(part.Load(x + j), center);
      const auto from_u = hn::Sub(part.Load(dx + j), mean_u);
      const auto from_x = hn::MulAdd(v, by_v, more);
      part.Store(hn::MulAdd(from_u, scale, from_x), dx + j);
    });
  }
}

// sums[j] += sum over r of dy z
template <class T>
HWY_NOINLINE void AddRowsTo(T* sums, const NormCall<T>& call, int64_t first,
                            int64_t rows) {
  RowGroup<T> group(call, first, rows);
  group.Normalize();
  const Tag<T> d;
  const int64_t n = group.n;
  const T *const x = call.x + group.At(0), *const dy = call.dy + group.At(0);
  ForRow<T>(n, [&group, sums, x, dy, d, n](int64_t j, auto part) HWY_ATTR {
    auto sum = part.Load(sums + j);
    for (int64_t r = 0; r < group.rows; ++r) {
      const auto center = hn::Set(d, group.center[r]);
      const auto v = hn::Sub(part.Load(x + r * n + j), center);
      const auto z =
          hn::MulAdd(v, hn::Set(d, group.scale[r]), hn::Set(d, group.shift[r]));
      sum = hn::MulAdd(part.Load(dy + r * n + j), z, sum);
    }
    part.Store(sum, sums + j);
  });
}

// Calls run(first, rows) for the groups that rows [begin, end) make.
template <class T, class Fn>
HWY_INLINE void ForEachGroup(int64_t begin, int64_t end, Fn run) {
  for (; begin < end; begin += kLanes<T>) {
    run(begin, std::min(kLanes<T>, end - begin));
  }
}

// Partial sums of some rows in T, and their sum in double.
template <class T>
void WeightGradient(const NormCall<T>& call) {
  const int64_t n = call.layout.inner, rows = call.layout.groups;
  const int64_t chunks = NumChunks(rows, kNormRowsSummed);
  T* const partial = Scratch<T, NormRowsScratch::kPartialSums>(chunks * n);
  ParallelFor(rows, kNormRowsSummed, [&](int64_t begin, int64_t end) {
    T* const sums = partial + begin / kNormRowsSummed * n;
    std::fill_n(sums, n, T{0});
    ForEachGroup<T>(begin, end, [&](int64_t first, int64_t count) {
      AddRowsTo(sums, call, first, count);
    });
  });
  for (int64_t j = 0; j < n; ++j) {
    double sum = 0;
    for (int64_t c = 0; c < chunks; ++c) sum += partial[c * n + j];
    call.out[j] = static_cast<T>(sum);
  }
}

template <class T>
void RunShortRows(const NormCall<T>& call) {
  const int64_t n = call.layout.inner;
  if (n == 0) return;
  if (call.task == NormTask::kWeightGradient) return WeightGradient(call);
  const auto run = call.task == NormTask::kNorm ? NormRows<T> : GradientRows<T>;
  const int64_t grain =
      std::max<int64_t>(1, kNormRowsGrain / n / kLanes<T>) * kLanes<T>;
  ParallelFor(call.layout.groups, grain, [&](int64_t begin, int64_t end) {
    ForEachGroup<T>(begin, end, [&](int64_t first, int64_t rows) {
      run(call, first, rows);
    });
  });
}

// Highway exports no templates.
void RunShortRows_float(const NormCall<float>& call) { RunShortRows(call); }
void RunShortRows_double(const NormCall<double>& call) { RunShortRows(call); }

}  // namespace adjoint::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace adjoint::kernels {

HWY_EXPORT(RunShortRows_float);
HWY_EXPORT(RunShortRows_double);

template <>
void NormShortRows(const NormCall<float>& call) {
  HWY_DYNAMIC_DISPATCH(RunShortRows_float)(call);
}
template <>
void NormShortRows(const NormCall<double>& call) {
  HWY_DYNAMIC_DISPATCH(RunShortRows_double)(call);
}

}  // namespace adjoint::kernels
#endif  // HWY_ONCE
