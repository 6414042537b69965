// Normalisation of one group and of all. Highway compiles this file once for
// each instruction set.

// NOLINTNEXTLINE(build/header_guard): toggled, as Highway's own -inl.h files.
#if defined(ADJOINT_FRAMEWORK_KERNELS_NORM_GROUP_INL_H_) == \
    defined(HWY_TARGET_TOGGLE)
#ifdef ADJOINT_FRAMEWORK_KERNELS_NORM_GROUP_INL_H_
#undef ADJOINT_FRAMEWORK_KERNELS_NORM_GROUP_INL_H_
#else
#define ADJOINT_FRAMEWORK_KERNELS_NORM_GROUP_INL_H_
#endif

#include <algorithm>
#include <array>
#include <cstdint>

#include "framework/base/parallel_for.h"
#include "framework/kernels/norm.h"
#include "framework/kernels/norm_call.h"
#include "framework/kernels/norm_statistics.h"
#include "framework/kernels/scratch.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace adjoint::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// Elements that are summed in T before the sum is added to a double. Few enough
// that a second sum over them finds them in the nearest cache.
constexpr int64_t kNormBlock = 2048;
// Elements to a parallel chunk.
constexpr int64_t kNormGrain = 16 * 1024;
// Rows whose share of a weight's gradient is summed in T.
constexpr int64_t kNormRows = 64;

// In what follows a function of places, f(d, j), is given a vector tag d and
// stands for the elements from j on: whole vectors first, then single elements.

template <class T, class Fn>
HWY_INLINE void ForPlaces(int64_t begin, int64_t end, Fn f) {
  const hn::ScalableTag<T> d;
  const int64_t lanes = hn::Lanes(d);
  for (; begin + lanes <= end; begin += lanes) f(d, begin);
  for (; begin < end; ++begin) f(hn::CappedTag<T, 1>(), begin);
}

template <class T, class Term>
HWY_INLINE double SumPlaces(int64_t begin, int64_t end, Term term) {
  const hn::ScalableTag<T> d;
  const hn::CappedTag<T, 1> one;
  const int64_t lanes = hn::Lanes(d);
  auto s0 = hn::Zero(d), s1 = s0, s2 = s0, s3 = s0;
  for (; begin + 4 * lanes <= end; begin += 4 * lanes) {
    s0 = hn::Add(s0, term(d, begin));
    s1 = hn::Add(s1, term(d, begin + lanes));
    s2 = hn::Add(s2, term(d, begin + 2 * lanes));
    s3 = hn::Add(s3, term(d, begin + 3 * lanes));
  }
  for (; begin + lanes <= end; begin += lanes) {
    s0 = hn::Add(s0, term(d, begin));
  }
  s0 = hn::Add(hn::Add(s0, s1), hn::Add(s2, s3));
  double sum = hn::GetLane(hn::SumOfLanes(d, s0));
  for (; begin < end; ++begin) sum += hn::GetLane(term(one, begin));
  return sum;
}

// The sum of each of `terms` over group g.
template <class T, class... Terms>
HWY_INLINE std::array<double, sizeof...(Terms)> SumGroup(
    const NormLayout& layout, int64_t g, Terms... terms) {
  std::array<double, sizeof...(Terms)> sums = {};
  for (int64_t o = 0; o < layout.outer; ++o) {
    const int64_t first = (o * layout.groups + g) * layout.inner;
    const int64_t last = first + layout.inner;
    for (int64_t i = first; i < last; i += kNormBlock) {
      const int64_t end = std::min(last, i + kNormBlock);
      size_t k = 0;
      ((sums[k++] += SumPlaces<T>(i, end, terms)), ...);
    }
  }
  return sums;
}

template <class T, class Fn>
HWY_INLINE void MapGroup(const NormLayout& layout, int64_t g, Fn f) {
  for (int64_t o = 0; o < layout.outer; ++o) {
    const int64_t first = (o * layout.groups + g) * layout.inner;
    ForPlaces<T>(first, first + layout.inner, f);
  }
}

// At least 1, for the mean of nothing.
inline double SizeOfGroup(const NormLayout& layout) {
  return static_cast<double>(std::max<int64_t>(1, layout.outer * layout.inner));
}

template <class T>
HWY_NOINLINE GroupStatistics<T> StatisticsOf(const NormCall<T>& call,
                                             int64_t g) {
  const T* HWY_RESTRICT x = call.x;
  const double n = SizeOfGroup(call.layout);
  const auto [sum] = SumGroup<T>(call.layout, g,
                                 [x](auto d, int64_t j)
                                     HWY_ATTR { return hn::LoadU(d, x + j); });
  const T center = static_cast<T>(sum / n);
  const auto [deviation, square] = SumGroup<T>(
      call.layout, g,
      [=](auto d, int64_t j)
          HWY_ATTR { return hn::Sub(hn::LoadU(d, x + j), hn::Set(d, center)); },
      [=](auto d, int64_t j) HWY_ATTR {
        const auto v = hn::Sub(hn::LoadU(d, x + j), hn::Set(d, center));
        return hn::Mul(v, v);
      });
  return {center, n, deviation, square, call.epsilon};
}

template <class T>
void MomentsOfGroup(const NormCall<T>& call, int64_t g) {
  const GroupStatistics<T> s = StatisticsOf(call, g);
  call.out[g] = static_cast<T>(s.center + s.rest);
  call.out[call.layout.groups + g] = static_cast<T>(s.variance);
}

// y = (x - center) scale + shift
template <class T>
HWY_NOINLINE void ScaleGroup(const NormCall<T>& call, int64_t g, T center,
                             T scale, T shift) {
  const T* const x = call.x;
  T* const y = call.out;
  MapGroup<T>(call.layout, g, [=](auto d, int64_t j) HWY_ATTR {
    const auto v = hn::Sub(hn::LoadU(d, x + j), hn::Set(d, center));
    hn::StoreU(hn::MulAdd(v, hn::Set(d, scale), hn::Set(d, shift)), d, y + j);
  });
}

template <class T>
void ScaleGivenGroup(const NormCall<T>& call, int64_t g) {
  ScaleGroup(call, g, call.mean[g], call.w[g], call.b[g]);
}

template <class T>
HWY_NOINLINE void NormGroup(const NormCall<T>& call, int64_t g) {
  const GroupStatistics<T> s = StatisticsOf(call, g);
  if (!call.layout.weight_by_place) {
    const double scale = s.rstd * call.w[g];
    return ScaleGroup(call, g, s.center, static_cast<T>(scale),
                      static_cast<T>(call.b[g] - s.rest * scale));
  }
  const T* const x = call.x;
  T* const y = call.out;
  const T center = s.center;
  const T scale = static_cast<T>(s.rstd);
  const T shift = static_cast<T>(-s.rest * s.rstd);
  // So that w[j] belongs to x[j].
  const int64_t first = g * call.layout.inner;
  const T* HWY_RESTRICT w = call.w;
  const T* HWY_RESTRICT b = call.b;
  MapGroup<T>(call.layout, g, [=](auto d, int64_t j) HWY_ATTR {
    const auto v = hn::Sub(hn::LoadU(d, x + j), hn::Set(d, center));
    const auto z = hn::MulAdd(v, hn::Set(d, scale), hn::Set(d, shift));
    const int64_t i = j - first;
    hn::StoreU(hn::MulAdd(z, hn::LoadU(d, w + i), hn::LoadU(d, b + i)), d,
               y + j);
  });
}

// dx = rstd (u - mean(u) - z mean(u z)), where u = w dy. `u(d, j)` gives u but
// for the factor `scale`.
template <class T, class U>
HWY_INLINE void NormGradientOfGroup(const NormCall<T>& call, int64_t g,
                                    double scale, U u) {
  const GroupStatistics<T> s = StatisticsOf(call, g);
  const T* const x = call.x;
  T* const dx = call.out;
  const T center = s.center;
  const auto [sum, product] =
      SumGroup<T>(call.layout, g, u, [=](auto d, int64_t j) HWY_ATTR {
        return hn::Mul(u(d, j),
                       hn::Sub(hn::LoadU(d, x + j), hn::Set(d, center)));
      });
  const GroupGradient<T> by(s, SizeOfGroup(call.layout), scale, sum, product);
  // Copies stay in registers.
  const T mean_u = by.mean_u, by_u = by.by_u, by_x = by.by_x, more = by.more;
  MapGroup<T>(call.layout, g, [=](auto d, int64_t j) HWY_ATTR {
    const auto from_x =
        hn::MulAdd(hn::Sub(hn::LoadU(d, x + j), hn::Set(d, center)),
                   hn::Set(d, by_x), hn::Set(d, more));
    const auto from_u = hn::Sub(u(d, j), hn::Set(d, mean_u));
    hn::StoreU(hn::MulAdd(from_u, hn::Set(d, by_u), from_x), d, dx + j);
  });
}

template <class T>
HWY_NOINLINE void NormGradientGroup(const NormCall<T>& call, int64_t g) {
  const T* const dy = call.dy;
  if (!call.layout.weight_by_place) {
    return NormGradientOfGroup(call, g, call.w[g],
                               [=](auto d, int64_t j)
                                   HWY_ATTR { return hn::LoadU(d, dy + j); });
  }
  const int64_t first = g * call.layout.inner;
  const T* const w = call.w;
  NormGradientOfGroup(call, g, 1, [=](auto d, int64_t j) HWY_ATTR {
    return hn::Mul(hn::LoadU(d, dy + j), hn::LoadU(d, w + (j - first)));
  });
}

template <class T>
HWY_NOINLINE void WeightGradientOfGroup(const NormCall<T>& call, int64_t g) {
  const GroupStatistics<T> s = StatisticsOf(call, g);
  const T* HWY_RESTRICT x = call.x;
  const T* HWY_RESTRICT dy = call.dy;
  const T center = s.center;
  const auto [sum, product] = SumGroup<T>(
      call.layout, g,
      [=](auto d, int64_t j) HWY_ATTR { return hn::LoadU(d, dy + j); },
      [=](auto d, int64_t j) HWY_ATTR {
        return hn::Mul(hn::LoadU(d, dy + j),
                       hn::Sub(hn::LoadU(d, x + j), hn::Set(d, center)));
      });
  call.out[g] = static_cast<T>(s.rstd * (product - s.rest * sum));
}

// Adds row g of dy z to `sums`, [inner].
template <class T>
HWY_NOINLINE void AddRowTo(T* HWY_RESTRICT sums, const NormCall<T>& call,
                           int64_t g) {
  const GroupStatistics<T> s = StatisticsOf(call, g);
  const T* HWY_RESTRICT x = call.x + g * call.layout.inner;
  const T* HWY_RESTRICT dy = call.dy + g * call.layout.inner;
  const T center = s.center, scale = static_cast<T>(s.rstd);
  const T shift = static_cast<T>(-s.rest * s.rstd);
  ForPlaces<T>(0, call.layout.inner, [=](auto d, int64_t i) HWY_ATTR {
    const auto v = hn::Sub(hn::LoadU(d, x + i), hn::Set(d, center));
    const auto z = hn::MulAdd(v, hn::Set(d, scale), hn::Set(d, shift));
    hn::StoreU(hn::MulAdd(hn::LoadU(d, dy + i), z, hn::LoadU(d, sums + i)), d,
               sums + i);
  });
}

// The weights' places run across all groups: partial sums of kNormRows rows.
template <class T>
void WeightGradientByPlace(const NormCall<T>& call) {
  const int64_t n = call.layout.inner, rows = call.layout.groups;
  const int64_t chunks = NumChunks(rows, kNormRows);
  T* const partial = Scratch<T, NormScratch::kPartialSums>(chunks * n);
  ParallelFor(rows, kNormRows, [&](int64_t begin, int64_t end) {
    T* const sums = partial + begin / kNormRows * n;
    std::fill_n(sums, n, T{0});
    for (int64_t g = begin; g < end; ++g) AddRowTo(sums, call, g);
  });
  for (int64_t i = 0; i < n; ++i) {
    double sum = 0;
    for (int64_t c = 0; c < chunks; ++c) sum += partial[c * n + i];
    call.out[i] = static_cast<T>(sum);
  }
}

template <class T>
void RunNorm(const NormCall<T>& call) {
  const NormLayout& layout = call.layout;
  if (call.task == NormTask::kWeightGradient && layout.weight_by_place) {
    return WeightGradientByPlace(call);
  }
  constexpr std::array kOfGroup = {
      MomentsOfGroup<T>, NormGroup<T>, NormGradientGroup<T>,
      WeightGradientOfGroup<T>, ScaleGivenGroup<T>};  // By task.
  const auto run = kOfGroup[static_cast<size_t>(call.task)];
  const int64_t n = layout.outer * layout.inner;
  ParallelFor(layout.groups, std::max<int64_t>(1, kNormGrain / (n + 1)),
              [&](int64_t begin, int64_t end) {
                for (int64_t g = begin; g < end; ++g) run(call, g);
              });
}

}  // namespace adjoint::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
