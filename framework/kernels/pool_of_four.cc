#include "framework/kernels/pool_of_four.h"

#include <cstdint>
#include <type_traits>

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

template <class T>
HWY_INLINE void Maximize(int64_t rows, int64_t columns, int64_t width,
                         const T* x, T* y) {
  for (int64_t r = 0; r < rows; ++r, x += 2 * width, y += columns) {
    ForEachVector(Widest<T>(), columns,
                  [x, y, width](auto d, int64_t q) HWY_ATTR {
                    const Maxima<decltype(d)> of(d, x + 2 * q, width);
                    hn::StoreU(of.value, d, y + q);
                  });
  }
}

template <class T>
HWY_INLINE void Spread(int64_t rows, int64_t columns, int64_t width, const T* x,
                       const T* dy, T* dx) {
  const auto spread = [&](auto d, int64_t q) HWY_ATTR {
    const Maxima<decltype(d)> of(d, x + 2 * q, width);
    const auto g = hn::LoadU(d, dy + q);
    const auto c_or_d = hn::Or(of.take_c, of.take_d);
    hn::StoreInterleaved2(hn::IfThenZeroElse(hn::Or(of.take_b, c_or_d), g),
                          hn::IfThenElseZero(hn::AndNot(c_or_d, of.take_b), g),
                          d, dx + 2 * q);
    hn::StoreInterleaved2(
        hn::IfThenElseZero(hn::AndNot(of.take_d, of.take_c), g),
        hn::IfThenElseZero(of.take_d, g), d, dx + 2 * q + width);
  };
  for (int64_t r = 0; r < rows; ++r) {
    ForEachVector(Widest<T>(), columns, spread);
    x += 2 * width;
    dy += columns;
    dx += 2 * width;
  }
}

// Highway exports no templates.
#define ADJOINT_POOL(T)                                                       \
  void Maximize_##T(int64_t rows, int64_t columns, int64_t width, const T* x, \
                    T* y) {                                                   \
    Maximize(rows, columns, width, x, y);                                     \
  }                                                                           \
  void Spread_##T(int64_t rows, int64_t columns, int64_t width, const T* x,   \
                  const T* dy, T* dx) {                                       \
    Spread(rows, columns, width, x, dy, dx);                                  \
  }
ADJOINT_POOL(float)
ADJOINT_POOL(double)
#undef ADJOINT_POOL

}  // namespace adjoint::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace adjoint::kernels {

HWY_EXPORT(Maximize_float);
HWY_EXPORT(Maximize_double);
HWY_EXPORT(Spread_float);
HWY_EXPORT(Spread_double);

template <class T>
void MaximaOfFour(int64_t rows, int64_t columns, int64_t width, const T* x,
                  T* y) {
  if constexpr (std::is_same_v<T, float>) {
    HWY_DYNAMIC_DISPATCH(Maximize_float)(rows, columns, width, x, y);
  } else {
    HWY_DYNAMIC_DISPATCH(Maximize_double)(rows, columns, width, x, y);
  }
}

template <class T>
void SpreadOverFour(int64_t rows, int64_t columns, int64_t width, const T* x,
                    const T* dy, T* dx) {
  if constexpr (std::is_same_v<T, float>) {
    HWY_DYNAMIC_DISPATCH(Spread_float)(rows, columns, width, x, dy, dx);
  } else {
    HWY_DYNAMIC_DISPATCH(Spread_double)(rows, columns, width, x, dy, dx);
  }
}

#define ADJOINT_INSTANTIATE(T)                                                \
  template void MaximaOfFour(int64_t, int64_t, int64_t, const T*, T*);        \
  template void SpreadOverFour(int64_t, int64_t, int64_t, const T*, const T*, \
                               T*);
ADJOINT_INSTANTIATE(float)
ADJOINT_INSTANTIATE(double)
#undef ADJOINT_INSTANTIATE

}  // namespace adjoint::kernels
#endif  // HWY_ONCE
