#include "framework/kernels/norm.h"

#include <algorithm>
#include <cstdint>
#include <type_traits>

#include "framework/base/parallel_for.h"
#include "framework/base/vectorize.h"
#include "framework/kernels/norm_call.h"
#include "framework/kernels/norm_rows.h"
#include "framework/kernels/scratch.h"

// As gemm.cc: arrays of vectors, whose length must be a constant.
#define HWY_DISABLED_TARGETS                                               \
  (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV | HWY_SSSE3 | \
   HWY_AVX3_DL)

// foreach_target.h includes this file again for each target, so it comes first.
// clang-format off
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "framework/kernels/norm.cc"
#include "hwy/foreach_target.h"
#include "framework/kernels/norm_group-inl.h"
#include "framework/kernels/norm_columns-inl.h"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace adjoint::kernels::HWY_NAMESPACE {

template <class T>
void Run(const NormCall<T>& call) {
  if (LiesInShortRuns(call.layout)) return NormColumns(call);
  RunNorm(call);
}

// Highway exports no templates.
void RunNorm_float(const NormCall<float>& call) { Run(call); }
void RunNorm_double(const NormCall<double>& call) { Run(call); }

}  // namespace adjoint::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace adjoint::kernels {
namespace {

// Elements to a parallel chunk.
constexpr int64_t kScaleGrain = 16 * 1024;

HWY_EXPORT(RunNorm_float);
HWY_EXPORT(RunNorm_double);

template <class T>
void Dispatch(const NormCall<T>& call) {
  if constexpr (std::is_same_v<T, float>) {
    HWY_DYNAMIC_DISPATCH(RunNorm_float)(call);
  } else {
    HWY_DYNAMIC_DISPATCH(RunNorm_double)(call);
  }
}

// y [n, fold] = x [n] with each element repeated, `times` times in all.
template <class T>
void Repeat(const T* x, int64_t n, int64_t fold, int64_t times, T* y) {
  for (int64_t t = 0; t < times; ++t) {
    for (int64_t i = 0; i < n; ++i, y += fold) std::fill_n(y, fold, x[i]);
  }
}

// ScaleGroups where groups lie in short runs: what scales a group is laid out
// like x, for so many of the outer axis that vectors find enough to do.
template <class T>
void ScaleByPlace(const NormCall<T>& call) {
  constexpr int64_t kWide = 512;
  const NormLayout& layout = call.layout;
  const int64_t row = layout.groups * layout.inner;
  if (row == 0) return;
  const int64_t times =
      std::max<int64_t>(1, std::min(layout.outer, kWide / row));
  T* const mean = Scratch<T, NormScratch::kByPlace>(3 * times * row);
  T *const w = mean + times * row, *const b = w + times * row;
  Repeat(call.mean, layout.groups, layout.inner, times, mean);
  Repeat(call.w, layout.groups, layout.inner, times, w);
  Repeat(call.b, layout.groups, layout.inner, times, b);
  const int64_t grain = std::max<int64_t>(1, kScaleGrain / (times * row));
  ParallelFor(
      NumChunks(layout.outer, times), grain, [&](int64_t begin, int64_t end) {
        WithWidestVectors([=, &call] {
          for (int64_t k = begin; k < end; ++k) {
            const int64_t first = k * times * row;
            const int64_t n = std::min(times * row, layout.outer * row - first);
            const T* const x = call.x + first;
            T* __restrict y = call.out + first;
            for (int64_t i = 0; i < n; ++i)
              y[i] = (x[i] - mean[i]) * w[i] + b[i];
          }
        });
      });
}

template <class T>
void Run(const NormCall<T>& call) {
  const NormLayout& layout = call.layout;
  if (layout.weight_by_place && layout.inner <= kShortNormRow) {
    return NormShortRows(call);
  }
  if (call.task == NormTask::kScale && LiesInShortRuns(layout)) {
    return ScaleByPlace(call);
  }
  Dispatch(call);
}

}  // namespace

template <class T>
void GroupMoments(const T* x, const NormLayout& layout, T* y) {
  Run<T>({.task = NormTask::kMoments, .layout = layout, .x = x, .out = y});
}

template <class T>
void Norm(const T* x, const T* w, const T* b, const NormLayout& layout,
          double epsilon, T* y) {
  Run<T>({.task = NormTask::kNorm,
          .layout = layout,
          .epsilon = epsilon,
          .x = x,
          .w = w,
          .b = b,
          .out = y});
}

template <class T>
void NormGradient(const T* dy, const T* x, const T* w, const NormLayout& layout,
                  double epsilon, T* dx) {
  Run<T>({.task = NormTask::kGradient,
          .layout = layout,
          .epsilon = epsilon,
          .dy = dy,
          .x = x,
          .w = w,
          .out = dx});
}

template <class T>
void NormWeightGradient(const T* dy, const T* x, const NormLayout& layout,
                        double epsilon, T* dw) {
  Run<T>({.task = NormTask::kWeightGradient,
          .layout = layout,
          .epsilon = epsilon,
          .dy = dy,
          .x = x,
          .out = dw});
}

template <class T>
void ScaleGroups(const T* x, const T* mean, const T* w, const T* b,
                 const NormLayout& layout, T* y) {
  Run<T>({.task = NormTask::kScale,
          .layout = layout,
          .x = x,
          .mean = mean,
          .w = w,
          .b = b,
          .out = y});
}

#define ADJOINT_INSTANTIATE(T)                                                \
  template void GroupMoments(const T*, const NormLayout&, T*);                \
  template void Norm(const T*, const T*, const T*, const NormLayout&, double, \
                     T*);                                                     \
  template void NormGradient(const T*, const T*, const T*, const NormLayout&, \
                             double, T*);                                     \
  template void NormWeightGradient(const T*, const T*, const NormLayout&,     \
                                   double, T*);                               \
  template void ScaleGroups(const T*, const T*, const T*, const T*,           \
                            const NormLayout&, T*);
ADJOINT_INSTANTIATE(float)
ADJOINT_INSTANTIATE(double)
#undef ADJOINT_INSTANTIATE

}  // namespace adjoint::kernels
#endif  // HWY_ONCE
