// Normalisation of groups that lie in many short runs: x is taken as a matrix
// [outer, groups * inner], whose columns are summed. Highway compiles this file
// once for each instruction set.

// NOLINTNEXTLINE(build/header_guard): toggled, as Highway's own -inl.h files.
#if defined(ADJOINT_FRAMEWORK_KERNELS_NORM_COLUMNS_INL_H_) == \
    defined(HWY_TARGET_TOGGLE)
#ifdef ADJOINT_FRAMEWORK_KERNELS_NORM_COLUMNS_INL_H_
#undef ADJOINT_FRAMEWORK_KERNELS_NORM_COLUMNS_INL_H_
#else
#define ADJOINT_FRAMEWORK_KERNELS_NORM_COLUMNS_INL_H_
#endif

#include <algorithm>
#include <array>
#include <cstdint>

#include "framework/base/parallel_for.h"
#include "framework/kernels/norm_call.h"
#include "framework/kernels/norm_statistics.h"
#include "framework/kernels/scratch.h"
#include "framework/kernels/vector-inl.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace adjoint::kernels::HWY_NAMESPACE {

// The columns and the elements of a tile, which is a parallel chunk.
constexpr int64_t kTileColumns = 128, kTile = 16 * 1024;
// Rows that are summed in T before the sum is added to a double.
constexpr int64_t kBlockRows = 32;

// A matrix in tiles, `down` times as many as there are across.
struct Tiles {
  explicit Tiles(const NormLayout& layout)
      : rows(layout.outer),
        columns(layout.groups * layout.inner),
        height(kTile / std::clamp<int64_t>(columns, 1, kTileColumns)),
        down(std::max<int64_t>(1, NumChunks(rows, height))) {}

  // Calls fn(tile, rows begin, end, columns begin, end), where the tiles below
  // each other are numbered from 0, for blocks of rows of all tiles.
  template <class Fn>
  void ForEachBlock(Fn fn) const {
    const int64_t across = NumChunks(columns, kTileColumns);
    ParallelFor(down * across, 1, [&](int64_t begin, int64_t end) {
      for (int64_t t = begin; t < end; ++t) {
        const int64_t tile = t / across, c = t % across * kTileColumns;
        const int64_t last = std::min(rows, (tile + 1) * height);
        for (int64_t r = tile * height; r < last; r += kBlockRows) {
          fn(tile, r, std::min(last, r + kBlockRows), c,
             std::min(columns, c + kTileColumns));
        }
      }
    });
  }

  int64_t rows, columns;
  int64_t height, down;
};

// In what follows a function of places, f(load, i, c), stands for the elements
// from i on, which `load` loads and of which the first is in column c.

// Calls fn(load, count, c) for vectors that cover the columns [c, end).
template <class T, class Fn>
HWY_INLINE void ForColumns(int64_t c, int64_t end, Fn fn) {
  for (; c + kLanes<T> <= end; c += kLanes<T>) fn(LoadAll(), kLanes<T>, c);
  if (c < end) fn(LoadSome{end - c}, end - c, c);
}

// sums[k,g] = the sum of terms k over group g.
template <class T, class... Terms>
HWY_INLINE void SumGroups(const NormLayout& layout, double* sums,
                          Terms... terms) {
  constexpr size_t kTerms = sizeof...(Terms);
  const Tiles tiles(layout);
  const int64_t n = tiles.columns, all = kTerms * n;
  double* const partial =
      Scratch<double, NormScratch::kPartialSums>(tiles.down * all);
  std::fill_n(partial, tiles.down * all, 0.);
  tiles.ForEachBlock([=](int64_t tile, int64_t begin, int64_t end,
                         int64_t first, int64_t last) HWY_ATTR {
    double* const to = partial + tile * all;
    ForColumns<T>(first, last,
                  [=](auto load, int64_t count, int64_t c) HWY_ATTR {
                    Vector<T> s[kTerms];
                    for (auto& v : s) v = hn::Zero(Tag<T>());
                    for (int64_t i = begin * n + c; i < end * n; i += n) {
                      size_t k = 0;
                      ((s[k] = hn::Add(s[k], terms(load, i, c)), ++k), ...);
                    }
                    for (size_t k = 0; k < kTerms; ++k) {
                      HWY_ALIGN T lanes[kLanes<T>];
                      hn::Store(s[k], Tag<T>(), lanes);
                      for (int64_t l = 0; l < count; ++l)
                        to[k * n + c + l] += lanes[l];
                    }
                  });
  });
  for (int64_t tile = 1; tile < tiles.down; ++tile) {
    for (int64_t i = 0; i < all; ++i) partial[i] += partial[tile * all + i];
  }
  for (int64_t g = 0; g < static_cast<int64_t>(kTerms) * layout.groups; ++g) {
    sums[g] = 0;
    for (int64_t i = 0; i < layout.inner; ++i) {
      sums[g] += partial[g * layout.inner + i];
    }
  }
}

// y = f(load, i, c)
template <class T, class F>
HWY_INLINE void MapColumns(const NormLayout& layout, T* y, F f) {
  const Tiles tiles(layout);
  const int64_t n = tiles.columns;
  tiles.ForEachBlock([=](int64_t, int64_t begin, int64_t end, int64_t first,
                         int64_t last) HWY_ATTR {
    for (int64_t r = begin; r < end; ++r) {
      ForColumns<T>(first, last,
                    [=](auto load, int64_t count, int64_t c) HWY_ATTR {
                      T* const to = y + r * n + c;
                      const auto v = f(load, r * n + c, c);
                      if (count == kLanes<T>) {
                        hn::StoreU(v, Tag<T>(), to);
                      } else {
                        StoreFirst(v, to, count);
                      }
                    });
    }
  });
}

// Numbers of each column: f(g) gives those of group g, one for each k.
template <size_t k, class T, class F>
void FillColumns(const NormLayout& layout, T* columns, F f) {
  const int64_t n = layout.groups * layout.inner;
  for (int64_t g = 0; g < layout.groups; ++g) {
    const std::array<T, k> values = f(g);
    for (size_t i = 0; i < k; ++i) {
      std::fill_n(columns + i * n + g * layout.inner, layout.inner, values[i]);
    }
  }
}

// A call, the sums of its groups and numbers of each column, [columns] each.
template <class T>
struct ColumnsOf {
  explicit ColumnsOf(const NormCall<T>& call)
      : call(call),
        groups(call.layout.groups),
        n(SizeOfGroup(call.layout)),
        sums(Scratch<double, NormScratch::kSums>(4 * groups)),
        center(
            Scratch<T, NormScratch::kByPlace>(5 * groups * call.layout.inner)) {
    const int64_t columns = groups * call.layout.inner;
    by_v = center + columns;
    more = by_v + columns;
    by_u = more + columns;
    mean_u = by_u + columns;
    SumGroups<T>(call.layout, sums,
                 [x = call.x](auto load, int64_t i, int64_t)
                     HWY_ATTR { return load(x + i); });
    FillColumns<1>(call.layout, center, [this](int64_t g) {
      return std::array{static_cast<T>(sums[g] / n)};
    });
  }

  // Of group g, once its sums are known: of v = x - center, of v^2 and, for
  // gradients, of dy and dy v.
  GroupStatistics<T> Statistics(int64_t g) const {
    return {center[g * call.layout.inner], n, sums[g], sums[groups + g],
            call.epsilon};
  }
  double SumOfU(int64_t g) const { return sums[2 * groups + g]; }
  double SumOfUV(int64_t g) const { return sums[3 * groups + g]; }

  const NormCall<T>& call;
  const int64_t groups;
  const double n;  // Elements of a group.
  double* const sums;
  T *const center, *by_v, *more, *by_u, *mean_u;
};

// v = x - center
template <class T>
struct Centered {
  const T *x, *center;
  template <class Load>
  HWY_INLINE Vector<T> operator()(Load load, int64_t i, int64_t c) const {
    return hn::Sub(load(x + i), load(center + c));
  }
};
template <class T>
struct Squared {
  Centered<T> v;
  template <class Load>
  HWY_INLINE Vector<T> operator()(Load load, int64_t i, int64_t c) const {
    return hn::Mul(v(load, i, c), v(load, i, c));
  }
};

template <class T>
void SumForGradient(const ColumnsOf<T>& of, Centered<T> v) {
  const T* const dy = of.call.dy;
  SumGroups<T>(
      of.call.layout, of.sums, v, Squared<T>{v},
      [dy](auto load, int64_t i, int64_t) HWY_ATTR { return load(dy + i); },
      [dy, v](auto load, int64_t i, int64_t c)
          HWY_ATTR { return hn::Mul(load(dy + i), v(load, i, c)); });
}

// y = v by_v + more
template <class T>
void NormOfColumns(const ColumnsOf<T>& of, Centered<T> v) {
  const NormCall<T>& call = of.call;
  FillColumns<2>(call.layout, of.by_v, [&](int64_t g) {
    const GroupStatistics<T> s = of.Statistics(g);
    const double scale = s.rstd * call.w[g];
    return std::array{static_cast<T>(scale),
                      static_cast<T>(call.b[g] - s.rest * scale)};
  });
  const T *const by_v = of.by_v, *const more = of.more;
  MapColumns(call.layout, call.out,
             [=](auto load, int64_t i, int64_t c) HWY_ATTR {
               return hn::MulAdd(v(load, i, c), load(by_v + c), load(more + c));
             });
}

template <class T>
void GradientOfColumns(const ColumnsOf<T>& of, Centered<T> v) {
  const NormCall<T>& call = of.call;
  FillColumns<4>(call.layout, of.by_v, [&](int64_t g) {
    const GroupGradient<T> by(of.Statistics(g), of.n, call.w[g], of.SumOfU(g),
                              of.SumOfUV(g));
    return std::array{by.by_x, by.more, by.by_u, by.mean_u};
  });
  const T *const by_v = of.by_v, *const more = of.more;
  const T *const by_u = of.by_u, *const mean_u = of.mean_u;
  const T* const dy = call.dy;
  MapColumns(call.layout, call.out,
             [=](auto load, int64_t i, int64_t c) HWY_ATTR {
               const auto from_x =
                   hn::MulAdd(v(load, i, c), load(by_v + c), load(more + c));
               const auto from_u = hn::Sub(load(dy + i), load(mean_u + c));
               return hn::MulAdd(from_u, load(by_u + c), from_x);
             });
}

// The functions of norm.h but ScaleGroups.
// REQUIRES: !layout.weight_by_place.
template <class T>
void NormColumns(const NormCall<T>& call) {
  const ColumnsOf<T> of(call);
  const Centered<T> v = {call.x, of.center};
  if (call.task == NormTask::kMoments || call.task == NormTask::kNorm) {
    SumGroups<T>(call.layout, of.sums, v, Squared<T>{v});
    if (call.task == NormTask::kNorm) return NormOfColumns(of, v);
    for (int64_t g = 0; g < of.groups; ++g) {
      const GroupStatistics<T> s = of.Statistics(g);
      call.out[g] = static_cast<T>(s.center + s.rest);
      call.out[of.groups + g] = static_cast<T>(s.variance);
    }
    return;
  }
  SumForGradient(of, v);
  if (call.task == NormTask::kGradient) return GradientOfColumns(of, v);
  for (int64_t g = 0; g < of.groups; ++g) {
    const GroupStatistics<T> s = of.Statistics(g);
    call.out[g] =
        static_cast<T>(s.rstd * (of.SumOfUV(g) - s.rest * of.SumOfU(g)));
  }
}

}  // namespace adjoint::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
