// A column times a row: no sums, and the stores set the pace. Highway compiles
// this file once for each instruction set.

// NOLINTNEXTLINE(build/header_guard): toggled, as Highway's own -inl.h files.
#if defined(ADJOINT_FRAMEWORK_KERNELS_GEMM_OUTER_INL_H_) == \
    defined(HWY_TARGET_TOGGLE)
#ifdef ADJOINT_FRAMEWORK_KERNELS_GEMM_OUTER_INL_H_
#undef ADJOINT_FRAMEWORK_KERNELS_GEMM_OUTER_INL_H_
#else
#define ADJOINT_FRAMEWORK_KERNELS_GEMM_OUTER_INL_H_
#endif

#include <array>
#include <cstdint>
#include <utility>

#include "framework/kernels/gemm_product.h"
#include "framework/kernels/vector-inl.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace adjoint::kernels::HWY_NAMESPACE {

// A row of so many vectors stays in registers.
inline constexpr int kOuterVecs = 8;

// C[i,j] = addend[i,j] + a[i * step] b[j] for i < rows and j < width, which
// ends in the last of `vecs` vectors.
template <int vecs, class T, class LoadLast, class StoreLast>
HWY_INLINE void Outer(int64_t rows, const T* a, int64_t step, const T* b,
                      const Output<T>& out, LoadLast load_last,
                      StoreLast store_last) {
  constexpr int kLast = vecs - 1;
  const Tag<T> d;
  Vector<T> vb[vecs];
  ADJOINT_UNROLL for (int j = 0; j < kLast; ++j) {
    vb[j] = hn::LoadU(d, b + j * kLanes<T>);
  }
  vb[kLast] = load_last(b + kLast * kLanes<T>);
  T* c = out.c;
  const T* addend = out.addend;
  for (int64_t i = 0; i < rows; ++i, c += out.ldc, a += step) {
    const Vector<T> va = hn::Set(d, *a);
    const auto product = [&](int j, auto load) HWY_ATTR {
      return addend ? hn::MulAdd(va, vb[j], load(addend + j * kLanes<T>))
                    : hn::Mul(va, vb[j]);
    };
    ADJOINT_UNROLL for (int j = 0; j < kLast; ++j) {
      hn::StoreU(product(j, LoadAll()), d, c + j * kLanes<T>);
    }
    store_last(product(kLast, load_last), c + kLast * kLanes<T>);
    if (addend) addend += out.addend_ld;
  }
}

template <int vecs, class T>
HWY_NOINLINE void OuterTile(int64_t rows, const T* a, int64_t step, const T* b,
                            const Output<T>& out, int64_t width) {
  const int64_t tail = width - (vecs - 1) * kLanes<T>;
  if (tail == kLanes<T>) {
    Outer<vecs>(rows, a, step, b, out, LoadAll(),
                [](Vector<T> v, T* to)
                    HWY_ATTR { hn::StoreU(v, Tag<T>(), to); });
  } else {
    Outer<vecs>(rows, a, step, b, out, LoadSome{tail},
                [=](Vector<T> v, T* to) HWY_ATTR { StoreFirst(v, to, tail); });
  }
}

template <class T>
using OuterFn = void (*)(int64_t, const T*, int64_t, const T*, const Output<T>&,
                         int64_t);

// kOuterTiles<T>[vecs - 1].
template <class T, int... vecs>
constexpr std::array<OuterFn<T>, kOuterVecs> AllOuterTiles(
    std::integer_sequence<int, vecs...>) {
  return {&OuterTile<vecs + 1, T>...};
}
template <class T>
inline constexpr auto kOuterTiles =
    AllOuterTiles<T>(std::make_integer_sequence<int, kOuterVecs>());

}  // namespace adjoint::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
