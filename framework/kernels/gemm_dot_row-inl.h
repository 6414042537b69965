// Dot products of one row with the columns of a matrix, both contiguous along
// k. Highway compiles this file once for each instruction set.

// NOLINTNEXTLINE(build/header_guard): toggled, as Highway's own -inl.h files.
#if defined(ADJOINT_FRAMEWORK_KERNELS_GEMM_DOT_ROW_INL_H_) == \
    defined(HWY_TARGET_TOGGLE)
#ifdef ADJOINT_FRAMEWORK_KERNELS_GEMM_DOT_ROW_INL_H_
#undef ADJOINT_FRAMEWORK_KERNELS_GEMM_DOT_ROW_INL_H_
#else
#define ADJOINT_FRAMEWORK_KERNELS_GEMM_DOT_ROW_INL_H_
#endif

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "framework/kernels/gemm_dot-inl.h"
#include "framework/kernels/gemm_product.h"
#include "framework/kernels/vector-inl.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace adjoint::kernels::HWY_NAMESPACE {

// A row of so many vectors stays in registers while columns pass by.
inline constexpr int kShortVecs = 8;

// One row of C from dot(column), the products of the row of A and a column of B
// summed up to one vector. A core gets a line a cycle from its second-level
// cache if one loop, with the same few instructions, asks for one line after
// the other, and half of that from several streams: so columns take turns.
template <class T, class Dot>
HWY_INLINE void DotRow(const Matrix<T>& b, const Output<T>& out, int64_t width,
                       Dot dot) {
  constexpr int64_t kRun = 16;
  Vector<T> sum[kRun];
  const T* column = b.data;
  for (int64_t j = 0; j < width; j += kRun) {
    const int64_t run = std::min(kRun, width - j);
    for (int64_t q = 0; q < run; ++q, column += b.ld) sum[q] = dot(column);
    for (int64_t q = run; q % kDotColumns != 0; ++q) {
      sum[q] = hn::Zero(Tag<T>());
    }
    for (int64_t q = 0; q < run; q += kDotColumns) {
      StoreDots(sum + q, out.At(0, j + q), run - q);
    }
  }
}

// DotRow for a row of A that stays in registers, `vecs` vectors.
template <int vecs, class T, class LoadLast>
HWY_INLINE void DotShortRow(const T* a, const Matrix<T>& b, LoadLast load_last,
                            const Output<T>& out, int64_t width) {
  constexpr int kLast = vecs - 1;
  Vector<T> va[vecs];
  ADJOINT_UNROLL for (int v = 0; v < kLast; ++v) {
    va[v] = LoadAll()(a + v * kLanes<T>);
  }
  va[kLast] = load_last(a + kLast * kLanes<T>);
  DotRow(b, out, width, [&](const T* column) HWY_ATTR {
    Vector<T> sum = hn::Mul(va[kLast], load_last(column + kLast * kLanes<T>));
    ADJOINT_UNROLL for (int v = 0; v < kLast; ++v) {
      sum = hn::MulAdd(va[v], LoadAll()(column + v * kLanes<T>), sum);
    }
    return sum;
  });
}

template <int vecs, class T>
HWY_NOINLINE void ShortDots(int64_t k, const Matrix<T>& a, const Matrix<T>& b,
                            const Output<T>& out, int64_t width) {
  const int64_t tail = k - (vecs - 1) * kLanes<T>;
  if (tail == kLanes<T>) {
    DotShortRow<vecs>(a.data, b, LoadAll(), out, width);
  } else {
    DotShortRow<vecs>(a.data, b, LoadSome{tail}, out, width);
  }
}

// DotRow for any row of A.
template <class T>
HWY_NOINLINE void LongDots(int64_t k, const Matrix<T>& a, const Matrix<T>& b,
                           const Output<T>& out, int64_t width) {
  constexpr int kSums = 4;  // Or each would wait for the one before it.
  DotRow(b, out, width, [&](const T* column) HWY_ATTR {
    Vector<T> sum[kSums];
    ADJOINT_UNROLL for (int s = 0; s < kSums; ++s) sum[s] = hn::Zero(Tag<T>());
    const auto add = [&](int64_t p, int s, auto load) HWY_ATTR {
      sum[s] = hn::MulAdd(load(a.data + p), load(column + p), sum[s]);
    };
    int64_t p = 0;
    for (; p + kSums * kLanes<T> <= k; p += kSums * kLanes<T>) {
      Fetch<kSums * kLanes<T>>(column + p);
      ADJOINT_UNROLL for (int s = 0; s < kSums; ++s) {
        add(p + s * kLanes<T>, s, LoadAll());
      }
    }
    for (; p + kLanes<T> <= k; p += kLanes<T>) add(p, 0, LoadAll());
    if (p < k) add(p, 1, LoadSome{k - p});
    return hn::Add(hn::Add(sum[0], sum[1]), hn::Add(sum[2], sum[3]));
  });
}

// kShortDots<T>[vecs - 1].
template <class T, int... vecs>
constexpr std::array<DotFn<T>, kShortVecs> AllShortDots(
    std::integer_sequence<int, vecs...>) {
  return {&ShortDots<vecs + 1, T>...};
}
template <class T>
inline constexpr auto kShortDots =
    AllShortDots<T>(std::make_integer_sequence<int, kShortVecs>());

}  // namespace adjoint::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
