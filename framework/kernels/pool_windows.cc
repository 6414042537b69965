// A window's elements are combined along its columns first: the rows of the
// image that a row of windows sees become one, so a window of 3 by 3 then has 3
// elements. A gradient goes the other way, first along the rows. Between the
// two are rows with their padding, where window q begins at element q stride.
#include "framework/kernels/pool_windows.h"

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
#define HWY_TARGET_INCLUDE "framework/kernels/pool_windows.cc"
#include "hwy/foreach_target.h"
#include "framework/kernels/cover-inl.h"
#include "framework/kernels/halve-inl.h"
#include "framework/kernels/pool_windows-inl.h"
#include "framework/kernels/vector-inl.h"
#include "hwy/highway.h"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace adjoint::kernels::HWY_NAMESPACE {

// The elements of windows from one on, which begins at x, combined.
template <class Op, int together, class D, class T>
HWY_INLINE hn::Vec<D> CombineColumns(D d, const T* x, int64_t size) {
  hn::Vec<D> e[together];
  Deal<together>(d, x, e);
  hn::Vec<D> all = e[0];
  ADJOINT_UNROLL for (int f = 1; f < together; ++f) {
    if (f < size) all = Op::Of(d, all, e[f]);
  }
  for (int64_t j = together; j < size; j += together) {
    Deal<together>(d, x + j, e);
    ADJOINT_UNROLL for (int f = 0; f < together; ++f) {
      if (j + f < size) all = Op::Of(d, all, e[f]);
    }
  }
  return all;
}

// What memory of a thread is for.
enum class WindowsScratch { kRows, kShares, kCounts };

// Elements of rows that are taken together, to stay in the first cache. (Not
// one row: what has just been stored is slow to load in other vectors.)
constexpr int64_t kRowsBlock = 4096;

// y = finish(r)(d, q, combined) of each window [r,q].
template <class Op, class T, class Finish>
HWY_INLINE void Pool(const Pool2dShape& s, int64_t planes, const T* x, T* y,
                     Finish finish) {
  const int64_t stride = StrideOf(s.w), size = s.w.size;
  // The last load may go three elements beyond the last window.
  const int64_t pitch =
      std::max(s.w.padding + s.w.extent, (s.w.count - 1) * stride + size + 3);
  const int64_t block = std::clamp<int64_t>(kRowsBlock / pitch, 1, s.h.count);
  T* const rows = Scratch<T, WindowsScratch::kRows>(block * pitch);
  std::fill_n(rows, block * pitch, Op::template kIdentity<T>);
  WithStride<T>(stride, [=, &s](auto widest, auto together) HWY_ATTR {
    const T* plane = x;
    T* to = y;
    for (int64_t p = 0; p < planes; ++p, plane += s.image()) {
      for (int64_t begin = 0; begin < s.h.count; begin += block) {
        const int64_t end = std::min(begin + block, s.h.count);
        T* row = rows;
        for (int64_t r = begin; r < end; ++r, row += pitch) {
          CombineRows<Op>(plane, s.w.extent, s.h.Seen(r), s.w.extent,
                          row + s.w.padding);
        }
        row = rows;
        for (int64_t r = begin; r < end; ++r, row += pitch) {
          const auto of_row = finish(r);
          ForEachVector(widest, s.w.count, [=](auto d, int64_t q) HWY_ATTR {
            const auto all = CombineColumns<Op, decltype(together)::value>(
                d, row + q * stride, size);
            hn::StoreU(of_row(d, q, all), d, to + q);
          });
          to += s.w.count;
        }
      }
    }
  });
}

// How many elements of each window count: a product of rows and columns.
template <class T>
class Counts {
 public:
  Counts(const Pool2dShape& s, bool padding)
      : h_(s.h),
        padding_(padding),
        columns_(Scratch<T, WindowsScratch::kCounts>(s.w.count)) {
    for (int64_t q = 0; q < s.w.count; ++q) columns_[q] = Along(s.w, q);
  }

  // Divides v, of the windows of row r from q on.
  HWY_INLINE auto Divide(int64_t r) const {
    return [rows = Along(h_, r), columns = columns_](auto d, int64_t q, auto v)
               HWY_ATTR {
                 const auto of_each = hn::LoadU(d, columns + q);
                 return hn::Div(v, hn::Mul(of_each, hn::Set(d, rows)));
               };
  }

 private:
  T Along(const Windows& w, int64_t i) const {
    return static_cast<T>(padding_ ? w.size : w.Seen(i).size());
  }

  const Windows& h_;
  const bool padding_;
  T* const columns_;
};

template <class T>
void Maxima(const Pool2dShape& s, int64_t planes, const T* x, T* y) {
  Pool<Maximum>(s, planes, x, y, [](int64_t) HWY_ATTR {
    return [](auto, int64_t, auto v) HWY_ATTR { return v; };
  });
}

template <class T>
void Means(const Pool2dShape& s, bool count_padding, int64_t planes, const T* x,
           T* y) {
  const Counts<T> counts(s, count_padding);
  Pool<Addition>(s, planes, x, y,
                 [&counts](int64_t r) HWY_ATTR { return counts.Divide(r); });
}

// The adjoint of CombineColumns: y [n stride] = what is given to each place of
// rows of windows, for which x has zeros at both ends.
template <int together, class D, class T>
HWY_INLINE void ShareColumns(D widest, const T* x, int64_t n, int64_t stride,
                             int64_t size, T* y) {
  for (int64_t first = 0; first < stride; first += together) {
    ForEachVector(widest, n, [=](auto d, int64_t k) HWY_ATTR {
      hn::Vec<decltype(d)> e[together];
      ADJOINT_UNROLL for (int f = 0; f < together; ++f) e[f] = hn::Zero(d);
      const T* from = x + k;
      for (int64_t j = first; j < size; j += stride, --from) {
        const auto v = hn::LoadU(d, from);
        ADJOINT_UNROLL for (int f = 0; f < together; ++f) {
          if (j + f < size) e[f] = hn::Add(e[f], v);
        }
      }
      Collect<together>(d, e, y + k * stride + first);
    });
  }
}

template <class T>
void Share(const Pool2dShape& s, bool count_padding, int64_t planes,
           const T* dy, T* dx) {
  const Counts<T> counts(s, count_padding);
  const int64_t stride = StrideOf(s.w), size = s.w.size;
  // A row holds n times the stride; a place in it is given shares of windows
  // that begin up to `before` strides before.
  const int64_t before = (size - 1) / stride;
  const int64_t n = NumChunks(s.w.padding + s.w.extent, stride);
  const int64_t share_pitch = before + n, pitch = n * stride;
  // Rows of the image that are taken together, and how many rows of windows see
  // them at most.
  const int64_t block = std::max(kRowsBlock / pitch, 2 * s.h.size);
  const int64_t most =
      std::min(s.h.count, (block + s.h.size - 2) / s.h.stride + 1);
  T* const shares = Scratch<T, WindowsScratch::kShares>(most * share_pitch);
  std::fill_n(shares, most * share_pitch, T{0});
  T* const rows = Scratch<T, WindowsScratch::kRows>(most * pitch);
  WithStride<T>(stride, [=, &s, &counts](auto widest, auto together) HWY_ATTR {
    for (int64_t p = 0; p < planes; ++p) {
      Windows::Range windows = {0, 0};
      for (int64_t begin = 0; begin < s.h.extent; begin += block) {
        const int64_t end = std::min(begin + block, s.h.extent);
        windows = s.h.Seeing(begin, end, windows);
        const auto [first, last] = windows;
        T* share = shares + before;
        const T* from = dy + p * s.positions() + first * s.w.count;
        for (int64_t r = first; r < last; ++r) {
          const auto divide = counts.Divide(r);
          ForEachVector(Tag<T>(), s.w.count, [=](auto d, int64_t q) HWY_ATTR {
            hn::StoreU(divide(d, q, hn::LoadU(d, from + q)), d, share + q);
          });
          from += s.w.count;
          share += share_pitch;
        }
        share = shares + before;
        T* row = rows;
        for (int64_t r = first; r < last; ++r) {
          ShareColumns<decltype(together)::value>(widest, share, n, stride,
                                                  size, row);
          share += share_pitch;
          row += pitch;
        }
        T* to = dx + p * s.image() + begin * s.w.extent;
        Windows::Range seeing = {first, first};
        for (int64_t i = begin; i < end; ++i, to += s.w.extent) {
          seeing = s.h.Seeing(i, i + 1, seeing);
          CombineRows<Addition>(rows + s.w.padding, pitch,
                                {seeing.first - first, seeing.last - first},
                                s.w.extent, to);
        }
      }
    }
  });
}

// Highway exports no templates.
#define ADJOINT_POOL(T)                                                      \
  void MaximaOfWindows_##T(const Pool2dShape& s, int64_t planes, const T* x, \
                           T* y) {                                           \
    Maxima(s, planes, x, y);                                                 \
  }                                                                          \
  void MeansOfWindows_##T(const Pool2dShape& s, bool count_padding,          \
                          int64_t planes, const T* x, T* y) {                \
    Means(s, count_padding, planes, x, y);                                   \
  }                                                                          \
  void ShareAmongWindows_##T(const Pool2dShape& s, bool count_padding,       \
                             int64_t planes, const T* dy, T* dx) {           \
    Share(s, count_padding, planes, dy, dx);                                 \
  }
ADJOINT_POOL(float)
ADJOINT_POOL(double)
#undef ADJOINT_POOL

}  // namespace adjoint::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace adjoint::kernels {

#define ADJOINT_POOL(T)                                                       \
  HWY_EXPORT(MaximaOfWindows_##T);                                            \
  HWY_EXPORT(MeansOfWindows_##T);                                             \
  HWY_EXPORT(ShareAmongWindows_##T);                                          \
  template <>                                                                 \
  void MaximaOfWindows(const Pool2dShape& s, int64_t planes, const T* x,      \
                       T* y) {                                                \
    HWY_DYNAMIC_DISPATCH(MaximaOfWindows_##T)(s, planes, x, y);               \
  }                                                                           \
  template <>                                                                 \
  void MeansOfWindows(const Pool2dShape& s, bool count_padding,               \
                      int64_t planes, const T* x, T* y) {                     \
    HWY_DYNAMIC_DISPATCH(MeansOfWindows_##T)(s, count_padding, planes, x, y); \
  }                                                                           \
  template <>                                                                 \
  void ShareAmongWindows(const Pool2dShape& s, bool count_padding,            \
                         int64_t planes, const T* dy, T* dx) {                \
    HWY_DYNAMIC_DISPATCH(ShareAmongWindows_##T)                               \
    (s, count_padding, planes, dy, dx);                                       \
  }
ADJOINT_POOL(float)
ADJOINT_POOL(double)
#undef ADJOINT_POOL

}  // namespace adjoint::kernels
#endif  // HWY_ONCE
