// Vectors that cover a run of any length.
// Highway compiles this file once for each instruction set.

// NOLINTNEXTLINE(build/header_guard): toggled, as Highway's own -inl.h files.
#if defined(ADJOINT_FRAMEWORK_KERNELS_COVER_INL_H_) == \
    defined(HWY_TARGET_TOGGLE)
#ifdef ADJOINT_FRAMEWORK_KERNELS_COVER_INL_H_
#undef ADJOINT_FRAMEWORK_KERNELS_COVER_INL_H_
#else
#define ADJOINT_FRAMEWORK_KERNELS_COVER_INL_H_
#endif

#include <cstdint>

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace adjoint::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Calls f(d, i) for vectors from i on that cover [0, n). The last overlaps the
// one before it, so f must not mind to do an element twice; a run that is
// shorter than a vector takes a shorter one. So there are no masks and no loop
// over what is left, which in rows of 5 or 14 elements would be most of it.
template <class D, class Fn>
HWY_INLINE void ForEachVector(D d, int64_t n, Fn f) {
  const int64_t lanes = hn::Lanes(d);
  if constexpr (hn::MaxLanes(D()) > 1) {
    if (n < lanes) return ForEachVector(hn::Half<D>(), n, f);
  }
  for (int64_t i = 0; i < n - lanes; i += lanes) f(d, i);
  if (n > 0) f(d, n - lanes);
}

}  // namespace adjoint::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
