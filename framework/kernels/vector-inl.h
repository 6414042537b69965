// Vectors, whole and in part.
// Highway compiles this file once for each instruction set.

// NOLINTNEXTLINE(build/header_guard): toggled, as Highway's own -inl.h files.
#if defined(ADJOINT_FRAMEWORK_KERNELS_VECTOR_INL_H_) == \
    defined(HWY_TARGET_TOGGLE)
#ifdef ADJOINT_FRAMEWORK_KERNELS_VECTOR_INL_H_
#undef ADJOINT_FRAMEWORK_KERNELS_VECTOR_INL_H_
#else
#define ADJOINT_FRAMEWORK_KERNELS_VECTOR_INL_H_
#endif

#include <algorithm>
#include <cstdint>

#include "hwy/cache_control.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace adjoint::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

template <class T>
using Tag = hn::ScalableTag<T>;
template <class T>
using Vector = hn::Vec<Tag<T>>;
template <class T>
inline constexpr int64_t kLanes = HWY_LANES(T);

// Unrolls the next loop in full: only then do compilers keep an array of
// vectors in registers.
#if HWY_COMPILER_CLANG
#define ADJOINT_UNROLL _Pragma("clang loop unroll(full)")
#else
#define ADJOINT_UNROLL _Pragma("GCC unroll 16")
#endif

// Loads or stores the first `count` lanes and touches no other memory. (Highway
// says that AVX2 might, but it does so for 8- and 16-bit lanes only.)
#if HWY_MEM_OPS_MIGHT_FAULT && HWY_TARGET != HWY_AVX2
inline constexpr bool kMasksAreCheap = false;

template <class T>
HWY_INLINE Vector<T> LoadFirst(const T* from, int64_t count) {
  HWY_ALIGN T lanes[kLanes<T>] = {};
  std::copy_n(from, count, lanes);
  return hn::Load(Tag<T>(), lanes);
}
template <class T>
HWY_INLINE void StoreFirst(Vector<T> v, T* to, int64_t count) {
  HWY_ALIGN T lanes[kLanes<T>];
  hn::Store(v, Tag<T>(), lanes);
  std::copy_n(lanes, count, to);
}
#else
inline constexpr bool kMasksAreCheap = true;

template <class T>
HWY_INLINE Vector<T> LoadFirst(const T* from, int64_t count) {
  const Tag<T> d;
  return hn::MaskedLoad(hn::FirstN(d, count), d, from);
}
template <class T>
HWY_INLINE void StoreFirst(Vector<T> v, T* to, int64_t count) {
  const Tag<T> d;
  hn::BlendedStore(v, hn::FirstN(d, count), d, to);
}
#endif

struct LoadAll {
  template <class T>
  HWY_INLINE Vector<T> operator()(const T* from) const {
    return hn::LoadU(Tag<T>(), from);
  }
};

struct LoadSome {
  int64_t count;
  template <class T>
  HWY_INLINE Vector<T> operator()(const T* from) const {
    return LoadFirst(from, count);
  }
};

// Asks for the `count` elements that come 2 KiB after `from` in a stream: far
// enough to be there in time, and near enough not to be pushed out again. It
// never faults, whether there is memory or not.
template <int64_t count, class T>
HWY_INLINE void Fetch(const T* from) {
  constexpr int64_t kAhead = 2048 / sizeof(T), kLine = 64 / sizeof(T);
  ADJOINT_UNROLL for (int64_t at = 0; at < count; at += kLine) {
    hwy::Prefetch(from + kAhead + at);
  }
}

}  // namespace adjoint::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
