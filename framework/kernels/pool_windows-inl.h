// What the passes of a pooling along columns and along rows of windows share.
// Highway compiles this file once for each instruction set.

// NOLINTNEXTLINE(build/header_guard): toggled, as Highway's own -inl.h files.
#if defined(ADJOINT_FRAMEWORK_KERNELS_POOL_WINDOWS_INL_H_) == \
    defined(HWY_TARGET_TOGGLE)
#ifdef ADJOINT_FRAMEWORK_KERNELS_POOL_WINDOWS_INL_H_
#undef ADJOINT_FRAMEWORK_KERNELS_POOL_WINDOWS_INL_H_
#else
#define ADJOINT_FRAMEWORK_KERNELS_POOL_WINDOWS_INL_H_
#endif

#include <algorithm>
#include <cstdint>
#include <type_traits>

#include "framework/kernels/cover-inl.h"
#include "framework/kernels/vector-inl.h"
#include "framework/kernels/windows.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace adjoint::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// y [n] = those rows of x, which lie `pitch` elements apart, combined; zeros if
// there are none.
template <class Op, class T>
HWY_INLINE void CombineRows(const T* x, int64_t pitch, Windows::Range rows,
                            int64_t n, T* y) {
  const int64_t size = rows.size();
  if (size <= 0) return static_cast<void>(std::fill_n(y, n, T{0}));
  x += rows.first * pitch;
  ForEachVector(Tag<T>(), n, [=](auto d, int64_t c) HWY_ATTR {
    const T* from = x + c;
    auto all = hn::LoadU(d, from);
    for (int64_t i = 1; i < size; ++i) {
      from += pitch;
      all = Op::Of(d, all, hn::LoadU(d, from));
    }
    hn::StoreU(all, d, y + c);
  });
}

// Deals x out: lane i of e[f] is x[together i + f]. With a stride of as many,
// windows beside each other find that many of their elements at once.
template <int together, class D, class T>
HWY_INLINE void Deal(D d, const T* x, hn::Vec<D> (&e)[together]) {
  if constexpr (together == 1) e[0] = hn::LoadU(d, x);
  if constexpr (together == 2) hn::LoadInterleaved2(d, x, e[0], e[1]);
  if constexpr (together == 3) hn::LoadInterleaved3(d, x, e[0], e[1], e[2]);
  if constexpr (together == 4) {
    hn::LoadInterleaved4(d, x, e[0], e[1], e[2], e[3]);
  }
}
template <int together, class D, class T>
HWY_INLINE void Collect(D d, const hn::Vec<D> (&e)[together], T* x) {
  if constexpr (together == 1) hn::StoreU(e[0], d, x);
  if constexpr (together == 2) hn::StoreInterleaved2(e[0], e[1], d, x);
  if constexpr (together == 3) hn::StoreInterleaved3(e[0], e[1], e[2], d, x);
  if constexpr (together == 4) {
    hn::StoreInterleaved4(e[0], e[1], e[2], e[3], d, x);
  }
}

template <int n>
using Together = std::integral_constant<int, n>;

// Calls fn(d, together) with vectors for windows that are `stride` apart: of
// one lane where elements cannot be dealt out.
template <class T, class Fn>
HWY_INLINE void WithStride(int64_t stride, Fn fn) {
  if (stride == 1) return fn(Tag<T>(), Together<1>());
  if (stride == 2) return fn(Tag<T>(), Together<2>());
  if (stride == 3) return fn(Tag<T>(), Together<3>());
  if (stride == 4) return fn(Tag<T>(), Together<4>());
  fn(hn::CappedTag<T, 1>(), Together<1>());
}

// One window may have any stride.
HWY_INLINE int64_t StrideOf(const Windows& w) {
  return w.count == 1 ? 1 : w.stride;
}

}  // namespace adjoint::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
