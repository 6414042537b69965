#include "framework/kernels/pool_of_four.h"

#include <algorithm>
#include <cstdint>

// SSSE3 and AVX3_DL would only repeat SSE4 and AVX3.
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_AVX3_DL)

// foreach_target.h includes this file again for each target, so it comes first.
// clang-format off
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "framework/kernels/pool_of_four.cc"
#include "hwy/foreach_target.h"
#include "framework/kernels/cover-inl.h"
#include "hwy/highway.h"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace adjoint::kernels::HWY_NAMESPACE {

// The maxima of windows [a b; c d], and whether each of b, c and d takes the
// place of the largest before it. NaN is larger than all.
template <class D>
struct Maxima {
  using V = hn::Vec<D>;
  using M = hn::Mask<D>;

  template <class T>
  HWY_INLINE Maxima(D d, const T* x, int64_t width) {
    V a, b, c, e;
    hn::LoadInterleaved2(d, x, a, b);
    hn::LoadInterleaved2(d, x + width, c, e);
    take_b = Exceeds(b, a);
    const V ab = hn::IfThenElse(take_b, b, a);
    take_c = Exceeds(c, ab);
    const V abc = hn::IfThenElse(take_c, c, ab);
    take_d = Exceeds(e, abc);
    value = hn::IfThenElse(take_d, e, abc);
  }
  static HWY_INLINE M Exceeds(V v, V largest) {
    return hn::Or(hn::Gt(v, largest), hn::IsNaN(v));
  }

  M take_b, take_c, take_d;
  V value;
};

template <class T>
using Widest = hn::CappedTag<T, 32 / sizeof(T)>;

// Calls fn(i, k)(d, q) for windows from q on of each row, of which the first
// begins at element i of the planes and is window k.
template <class T, class Fn>
HWY_INLINE void ForEachFour(const Pool2dShape& s, int64_t planes, Fn fn) {
  const int64_t image = s.image(), rows = s.h.count, columns = s.w.count;
  const int64_t width = s.w.extent;
  int64_t k = 0;
  for (int64_t plane = 0; plane < planes; ++plane) {
    int64_t i = plane * image;
    for (int64_t r = 0; r < rows; ++r, i += 2 * width, k += columns) {
      ForEachVector(Widest<T>(), columns, fn(i, k));
    }
  }
}

// Such windows leave nothing out, but for the last row or column of an odd
// extent.
template <class T>
HWY_INLINE void ClearRest(const Pool2dShape& s, int64_t planes, T* dx) {
  if (s.image() > 4 * s.positions()) std::fill_n(dx, planes * s.image(), T{0});
}

template <class T>
HWY_INLINE void MaximizeFour(const Pool2dShape& s, int64_t planes, const T* x,
                             T* y) {
  const int64_t width = s.w.extent;
  ForEachFour<T>(s, planes, [=](int64_t i, int64_t k) HWY_ATTR {
    return [width, x = x + i, y = y + k](auto d, int64_t q) HWY_ATTR {
      const Maxima<decltype(d)> of(d, x + 2 * q, width);
      hn::StoreU(of.value, d, y + q);
    };
  });
}

template <class T>
HWY_INLINE void SpreadFour(const Pool2dShape& s, int64_t planes, const T* x,
                           const T* dy, T* dx) {
  const int64_t width = s.w.extent;
  ClearRest(s, planes, dx);
  ForEachFour<T>(s, planes, [=](int64_t i, int64_t k) HWY_ATTR {
    return [width, x = x + i, dy = dy + k, dx = dx + i](auto d,
                                                        int64_t q) HWY_ATTR {
      const Maxima<decltype(d)> of(d, x + 2 * q, width);
      const auto g = hn::LoadU(d, dy + q);
      const auto c_or_d = hn::Or(of.take_c, of.take_d);
      hn::StoreInterleaved2(
          hn::IfThenZeroElse(hn::Or(of.take_b, c_or_d), g),
          hn::IfThenElseZero(hn::AndNot(c_or_d, of.take_b), g), d, dx + 2 * q);
      hn::StoreInterleaved2(
          hn::IfThenElseZero(hn::AndNot(of.take_d, of.take_c), g),
          hn::IfThenElseZero(of.take_d, g), d, dx + 2 * q + width);
    };
  });
}

template <class T>
HWY_INLINE void AverageFour(const Pool2dShape& s, int64_t planes, const T* x,
                            T* y) {
  const int64_t width = s.w.extent;
  ForEachFour<T>(s, planes, [=](int64_t i, int64_t k) HWY_ATTR {
    return [width, x = x + i, y = y + k](auto d, int64_t q) HWY_ATTR {
      hn::Vec<decltype(d)> a, b, c, e;
      hn::LoadInterleaved2(d, x + 2 * q, a, b);
      hn::LoadInterleaved2(d, x + 2 * q + width, c, e);
      const auto sum = hn::Add(hn::Add(a, c), hn::Add(b, e));
      hn::StoreU(hn::Mul(sum, hn::Set(d, T{0.25})), d, y + q);
    };
  });
}

template <class T>
HWY_INLINE void ShareFour(const Pool2dShape& s, int64_t planes, const T* dy,
                          T* dx) {
  const int64_t width = s.w.extent;
  ClearRest(s, planes, dx);
  ForEachFour<T>(s, planes, [=](int64_t i, int64_t k) HWY_ATTR {
    return [width, dy = dy + k, dx = dx + i](auto d, int64_t q) HWY_ATTR {
      const auto g = hn::Mul(hn::LoadU(d, dy + q), hn::Set(d, T{0.25}));
      hn::StoreInterleaved2(g, g, d, dx + 2 * q);
      hn::StoreInterleaved2(g, g, d, dx + 2 * q + width);
    };
  });
}

// Highway exports no templates.
#define ADJOINT_POOL(T)                                                      \
  void MaximaOfFour_##T(const Pool2dShape& s, int64_t planes, const T* x,    \
                        T* y) {                                              \
    MaximizeFour(s, planes, x, y);                                           \
  }                                                                          \
  void SpreadOverFour_##T(const Pool2dShape& s, int64_t planes, const T* x,  \
                          const T* dy, T* dx) {                              \
    SpreadFour(s, planes, x, dy, dx);                                        \
  }                                                                          \
  void MeansOfFour_##T(const Pool2dShape& s, int64_t planes, const T* x,     \
                       T* y) {                                               \
    AverageFour(s, planes, x, y);                                            \
  }                                                                          \
  void ShareAmongFour_##T(const Pool2dShape& s, int64_t planes, const T* dy, \
                          T* dx) {                                           \
    ShareFour(s, planes, dy, dx);                                            \
  }
ADJOINT_POOL(float)
ADJOINT_POOL(double)
#undef ADJOINT_POOL

}  // namespace adjoint::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace adjoint::kernels {

bool IsOfFour(const Pool2dShape& s) {
  for (const Windows* along : {&s.h, &s.w}) {
    if (along->size != 2 || along->stride != 2 || along->padding != 0) {
      return false;
    }
  }
  return true;
}

#define ADJOINT_POOL(T)                                                       \
  HWY_EXPORT(MaximaOfFour_##T);                                               \
  HWY_EXPORT(SpreadOverFour_##T);                                             \
  HWY_EXPORT(MeansOfFour_##T);                                                \
  HWY_EXPORT(ShareAmongFour_##T);                                             \
  template <>                                                                 \
  void MaximaOfFour(const Pool2dShape& s, int64_t planes, const T* x, T* y) { \
    HWY_DYNAMIC_DISPATCH(MaximaOfFour_##T)(s, planes, x, y);                  \
  }                                                                           \
  template <>                                                                 \
  void SpreadOverFour(const Pool2dShape& s, int64_t planes, const T* x,       \
                      const T* dy, T* dx) {                                   \
    HWY_DYNAMIC_DISPATCH(SpreadOverFour_##T)(s, planes, x, dy, dx);           \
  }                                                                           \
  template <>                                                                 \
  void MeansOfFour(const Pool2dShape& s, int64_t planes, const T* x, T* y) {  \
    HWY_DYNAMIC_DISPATCH(MeansOfFour_##T)(s, planes, x, y);                   \
  }                                                                           \
  template <>                                                                 \
  void ShareAmongFour(const Pool2dShape& s, int64_t planes, const T* dy,      \
                      T* dx) {                                                \
    HWY_DYNAMIC_DISPATCH(ShareAmongFour_##T)(s, planes, dy, dx);              \
  }
ADJOINT_POOL(float)
ADJOINT_POOL(double)
#undef ADJOINT_POOL

}  // namespace adjoint::kernels
#endif  // HWY_ONCE
