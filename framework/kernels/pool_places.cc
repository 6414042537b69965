// All windows of a plane are one run of vectors. For this the plane is first
// dealt out to phases, one for each pair of places within the strides:
//
//   stride 2:   a b c d        phase [0,0] = a c   [0,1] = b d
//               e f g h                      i k         j l
//               i j k l              [1,0] = e g   [1,1] = f h
//
// Element [i,j] of windows beside each other is then a run in one phase, and
// because all rows of a phase are equally long, with their padding, it goes on
// from row to row. Between the rows are windows that are not there; what is
// found of them is not used.
#include "framework/kernels/pool_places.h"

#include <algorithm>
#include <cstdint>
#include <limits>

#include "framework/base/parallel_for.h"
#include "framework/kernels/scratch.h"

// As gemm.cc: arrays of vectors, whose length must be a constant.
#define HWY_DISABLED_TARGETS                                               \
  (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV | HWY_SSSE3 | \
   HWY_AVX3_DL)

// foreach_target.h includes this file again for each target, so it comes first.
// clang-format off
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "framework/kernels/pool_places.cc"
#include "hwy/foreach_target.h"
#include "framework/kernels/cover-inl.h"
#include "framework/kernels/vector-inl.h"
#include "hwy/highway.h"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace adjoint::kernels::HWY_NAMESPACE {

// Element c of a row x [n] becomes element c / stride of the phase
// y + c % stride * step.
template <class T>
HWY_INLINE void Split(const T* HWY_RESTRICT x, int64_t n, int64_t stride,
                      int64_t step, T* HWY_RESTRICT y) {
  int64_t whole = 0;  // Elements of each phase that are done.
  if (stride == 1) {
    whole = n;
    std::copy_n(x, n, y);
  } else if (stride == 2) {
    whole = n / 2;
    ForEachVector(Tag<T>(), whole, [=](auto d, int64_t i) HWY_ATTR {
      hn::Vec<decltype(d)> a, b;
      hn::LoadInterleaved2(d, x + 2 * i, a, b);
      hn::StoreU(a, d, y + i);
      hn::StoreU(b, d, y + step + i);
    });
  } else if (stride == 3) {
    whole = n / 3;
    ForEachVector(Tag<T>(), whole, [=](auto d, int64_t i) HWY_ATTR {
      hn::Vec<decltype(d)> a, b, c;
      hn::LoadInterleaved3(d, x + 3 * i, a, b, c);
      hn::StoreU(a, d, y + i);
      hn::StoreU(b, d, y + step + i);
      hn::StoreU(c, d, y + 2 * step + i);
    });
  }
  for (int64_t i = whole, c = whole * stride; c < n; ++i) {
    for (int64_t f = 0; f < stride && c < n; ++f) y[f * step + i] = x[c++];
  }
}

// The phases of an axis: their number is the stride.
struct Phases {
  explicit Phases(const Windows& w)
      : stride(w.count == 1 ? 1 : w.stride),  // It may be anything then.
        before(NumChunks(w.padding, stride)),
        unseen(before * stride - w.padding),
        extent(std::max(before + NumChunks(w.extent, stride),
                        w.count + (unseen + w.size - 1) / stride)) {}

  // Element k of window 0: its phase, and which element of that it is.
  int64_t Phase(int64_t k) const { return (unseen + k) % stride; }
  int64_t Offset(int64_t k) const { return (unseen + k) / stride; }

  int64_t stride;
  int64_t before;  // Elements of padding that each phase begins with.
  int64_t unseen;  // Of these, in all phases, what lies before window 0.
  int64_t extent;  // Of a phase, with the padding at both ends.
};

// What memory of a thread is for.
enum class PlacesScratch { kElements, kPlaces, kTaps };

// Where the maxima of a plane are. The place of element [i,j] of a window is
// i * width + j.
template <class T>
class Places {
 public:
  using Int = hwy::SignedFromSize<sizeof(T)>;

  explicit Places(const Pool2dShape& s)
      : s_(s),
        h_(s.h),
        w_(s.w),
        phase_(h_.extent * w_.extent),
        windows_(hwy::RoundUpTo((s.h.count - 1) * w_.extent + s.w.count,
                                kAtOnce * kLanes<T>)),
        num_taps_(s.h.size * s.w.size) {
    // The last vectors may reach beyond the last phase.
    const int64_t size = h_.stride * w_.stride * phase_ + kAtOnce * kLanes<T>;
    x_ = Scratch<T, PlacesScratch::kElements>(size);
    std::fill_n(x_, size, kPadding);
    place_ = Scratch<Int, PlacesScratch::kPlaces>(2 * windows_);
    first_ = place_ + windows_;
    std::fill_n(first_, windows_, Int{0});
    for (int64_t r = 0; r < s.h.count; ++r) {
      const int64_t i = s.h.Seen(r).first - s.h.At(r, 0);
      for (int64_t q = 0; q < s.w.count; ++q) {
        const int64_t j = s.w.Seen(q).first - s.w.At(q, 0);
        first_[r * w_.extent + q] = static_cast<Int>(i * s.w.extent + j);
      }
    }
    tap_ = Scratch<Tap, PlacesScratch::kTaps>(num_taps_);
    Tap* tap = tap_;
    for (int64_t i = 0; i < s.h.size; ++i) {
      for (int64_t j = 0; j < s.w.size; ++j) {
        *tap++ = {Phase(h_.Phase(i), w_.Phase(j)) + h_.Offset(i) * w_.extent +
                      w_.Offset(j),
                  static_cast<Int>(i * s.w.extent + j)};
      }
    }
  }

  // Calls fn(k, p) for each window k of the plane x, whose maximum is x[p].
  template <class Fn>
  HWY_INLINE void ForEach(const T* x, Fn fn) {
    for (int64_t i = 0; i < s_.h.extent; ++i) {
      Split(x + i * s_.w.extent, s_.w.extent, w_.stride, phase_,
            x_ + Phase(i % h_.stride, 0) +
                (h_.before + i / h_.stride) * w_.extent + w_.before);
    }
    for (int64_t k = 0; k < windows_; k += kAtOnce * kLanes<T>) Find(k);
    for (int64_t r = 0; r < s_.h.count; ++r) {
      const Int* const place = place_ + r * w_.extent;
      const int64_t corner = s_.h.At(r, 0) * s_.w.extent + s_.w.At(0, 0);
      for (int64_t q = 0; q < s_.w.count; ++q) {
        fn(r * s_.w.count + q, corner + q * s_.w.stride + place[q]);
      }
    }
  }

 private:
  // Vectors that are taken together, for one would wait for itself.
  static constexpr int kAtOnce = 2;
  static constexpr T kPadding = -std::numeric_limits<T>::infinity();

  // An element of the windows.
  struct Tap {
    int64_t at;  // That of window 0, in x_.
    Int place;
  };

  // Where phase [i,j] begins.
  int64_t Phase(int64_t i, int64_t j) const {
    return (i * w_.stride + j) * phase_;
  }

  // place_ of windows from k on.
  HWY_INLINE void Find(int64_t k) {
    const Tag<T> d;
    const Tag<Int> di;
    Vector<T> largest[kAtOnce];
    Vector<Int> place[kAtOnce];
    ADJOINT_UNROLL for (int v = 0; v < kAtOnce; ++v) {
      largest[v] = hn::Set(d, kPadding);
      // The first element in the image, should nothing exceed -inf.
      place[v] = hn::LoadU(di, first_ + k + v * kLanes<T>);
    }
    const T* const x = x_ + k;
    for (const Tap *tap = tap_, *end = tap + num_taps_; tap < end; ++tap) {
      const auto here = hn::Set(di, tap->place);
      ADJOINT_UNROLL for (int v = 0; v < kAtOnce; ++v) {
        const auto a = hn::LoadU(d, x + tap->at + v * kLanes<T>);
        const auto exceeds = hn::Or(hn::Gt(a, largest[v]), hn::IsNaN(a));
        largest[v] = hn::IfThenElse(exceeds, a, largest[v]);
        place[v] = hn::IfThenElse(hn::RebindMask(di, exceeds), here, place[v]);
      }
    }
    ADJOINT_UNROLL for (int v = 0; v < kAtOnce; ++v) {
      hn::StoreU(place[v], di, place_ + k + v * kLanes<T>);
    }
  }

  const Pool2dShape& s_;
  const Phases h_, w_;
  const int64_t phase_;     // Elements of a phase [h_.extent, w_.extent].
  const int64_t windows_;   // With those between rows, in whole vectors.
  const int64_t num_taps_;  // Of a window.
  T* x_;                    // [h_.stride, w_.stride, phase]
  Int *place_, *first_;     // [windows]
  Tap* tap_;                // [taps]
};

template <class T>
void Spread(const Pool2dShape& s, int64_t planes, const T* x, const T* dy,
            T* dx) {
  Places<T> places(s);
  for (; planes > 0; --planes) {
    std::fill_n(dx, s.image(), T{0});
    places.ForEach(x, [=](int64_t k, int64_t p) HWY_ATTR { dx[p] += dy[k]; });
    x += s.image();
    dy += s.positions();
    dx += s.image();
  }
}

template <class T>
void Gather(const Pool2dShape& s, int64_t planes, const T* x, const T* v,
            T* y) {
  Places<T> places(s);
  for (; planes > 0; --planes) {
    places.ForEach(x, [=](int64_t k, int64_t p) HWY_ATTR { y[k] = v[p]; });
    x += s.image();
    v += s.image();
    y += s.positions();
  }
}

// Highway exports no templates.
#define ADJOINT_POOL(T)                                             \
  void Spread_##T(const Pool2dShape& s, int64_t planes, const T* x, \
                  const T* dy, T* dx) {                             \
    Spread(s, planes, x, dy, dx);                                   \
  }                                                                 \
  void Gather_##T(const Pool2dShape& s, int64_t planes, const T* x, \
                  const T* v, T* y) {                               \
    Gather(s, planes, x, v, y);                                     \
  }
ADJOINT_POOL(float)
ADJOINT_POOL(double)
#undef ADJOINT_POOL

}  // namespace adjoint::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace adjoint::kernels {

#define ADJOINT_POOL(T)                                                 \
  HWY_EXPORT(Spread_##T);                                               \
  HWY_EXPORT(Gather_##T);                                               \
  template <>                                                           \
  void SpreadToMaxima(const Pool2dShape& s, int64_t planes, const T* x, \
                      const T* dy, T* dx) {                             \
    HWY_DYNAMIC_DISPATCH(Spread_##T)(s, planes, x, dy, dx);             \
  }                                                                     \
  template <>                                                           \
  void GatherMaxima(const Pool2dShape& s, int64_t planes, const T* x,   \
                    const T* v, T* y) {                                 \
    HWY_DYNAMIC_DISPATCH(Gather_##T)(s, planes, x, v, y);               \
  }
ADJOINT_POOL(float)
ADJOINT_POOL(double)
#undef ADJOINT_POOL

}  // namespace adjoint::kernels
#endif  // HWY_ONCE
