// Tiles of dot products, for operands that are both contiguous along k. Highway
// compiles this file once for each instruction set.

// NOLINTNEXTLINE(build/header_guard): toggled, as Highway's own -inl.h files.
#if defined(ADJOINT_FRAMEWORK_KERNELS_GEMM_DOT_INL_H_) == \
    defined(HWY_TARGET_TOGGLE)
#ifdef ADJOINT_FRAMEWORK_KERNELS_GEMM_DOT_INL_H_
#undef ADJOINT_FRAMEWORK_KERNELS_GEMM_DOT_INL_H_
#else
#define ADJOINT_FRAMEWORK_KERNELS_GEMM_DOT_INL_H_
#endif

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "framework/kernels/gemm_product.h"
#include "framework/kernels/vector-inl.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace adjoint::kernels::HWY_NAMESPACE {

// Columns whose sums are kept in registers at a time, a vector for each.
inline constexpr int kDotColumns = 4;

// Rows of a tile of dot products. To add up the lanes of its sums takes as long
// as some ten steps, which the products of more rows hide.
#if HWY_ARCH_X86 && HWY_TARGET > HWY_AVX3
inline constexpr int kDotRows = 2;
#else
inline constexpr int kDotRows = 6;
#endif

// Products of an element summed at a time: the rows and columns of a tile, at
// most 40 KiB, stay in the first-level cache.
template <class T>
inline constexpr int64_t kDotDepth = 4096 / sizeof(T);

#if HWY_TARGET == HWY_SCALAR
template <class T>
using Sums = hn::CappedTag<T, 1>;

HWY_INLINE Vector<double> SumsOf(const Vector<double>* v) { return *v; }
HWY_INLINE Vector<float> SumsOf(const Vector<float>* v) { return *v; }
#else
// Sums are taken over the lanes of as many vectors at a time as 16 bytes hold.
template <class T>
using Sums = hn::Full128<T>;

// The sum of the 16-byte blocks of a vector.
template <class D, class V = hn::Vec<D>>
HWY_INLINE auto SumOfBlocks(D, V v) {
  if constexpr (hn::MaxLanes(D()) * sizeof(hn::TFromD<D>) > 16) {
    const hn::Half<D> half;
    return SumOfBlocks(half,
                       hn::Add(hn::LowerHalf(half, v), hn::UpperHalf(half, v)));
  } else {
    return v;
  }
}

// Of each block, its lower half plus its upper half: of v in the even lanes and
// of w in the odd lanes.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V AddHalves(D d, V v, V w) {
  return hn::Add(hn::InterleaveLower(d, v, w), hn::InterleaveUpper(d, v, w));
}

// Lane i is the sum of all lanes of v[i].
HWY_INLINE hn::Vec<Sums<double>> SumsOf(const Vector<double>* v) {
  const Tag<double> d;
  return SumOfBlocks(d, AddHalves(d, v[0], v[1]));
}

HWY_INLINE hn::Vec<Sums<float>> SumsOf(const Vector<float>* v) {
  const Tag<float> d;
  const auto even = AddHalves(d, v[0], v[2]);
  const auto odd = AddHalves(d, v[1], v[3]);
  return SumOfBlocks(d, AddHalves(d, even, odd));
}
#endif

// Stores the sums over the lanes of each of `width` vectors, plus the addends.
// Reads up to kDotColumns vectors.
template <class T>
HWY_INLINE void StoreDots(const Vector<T>* sum, const Output<T>& out,
                          int64_t width) {
  const Sums<T> few;
  constexpr int kFew = hn::MaxLanes(few);
  ADJOINT_UNROLL for (int j = 0; j < kDotColumns; j += kFew) {
    auto dots = SumsOf(sum + j);
    T* const to = out.c + j;
    const T* const addend = out.addend ? out.addend + j : nullptr;
    if (j + kFew <= width) {
      if (addend) dots = hn::Add(dots, hn::LoadU(few, addend));
      hn::StoreU(dots, few, to);
    } else {
      T lanes[kFew];
      hn::StoreU(dots, few, lanes);
      for (int64_t q = 0; q < width - j; ++q) {
        to[q] = addend ? lanes[q] + addend[q] : lanes[q];
      }
    }
  }
}

// Adds one vector of products to each sum of a DotTile.
template <int rows, class T, class Load>
HWY_INLINE void DotStep(const T* a, int64_t lda, const T* const* b, int64_t p,
                        Load load, Vector<T> (&sum)[rows][kDotColumns]) {
  Vector<T> va[rows];
  ADJOINT_UNROLL for (int i = 0; i < rows; ++i) va[i] = load(a + i * lda + p);
  ADJOINT_UNROLL for (int j = 0; j < kDotColumns; ++j) {
    const Vector<T> vb = load(b[j] + p);
    ADJOINT_UNROLL for (int i = 0; i < rows; ++i) {
      sum[i][j] = hn::MulAdd(va[i], vb, sum[i][j]);
    }
  }
}

// A tile: some rows of A times `width` <= kDotColumns columns of B, which are
// rows in memory.
template <int rows, class T>
HWY_NOINLINE void DotTile(int64_t k, const Matrix<T>& a, const Matrix<T>& b,
                          const Output<T>& out, int64_t width) {
  const Tag<T> d;
  Vector<T> sum[rows][kDotColumns];
  const T* pb[kDotColumns];
  ADJOINT_UNROLL for (int j = 0; j < kDotColumns; ++j) {
    // A ragged tile computes its last column again rather than branch.
    pb[j] = b.data + std::min<int64_t>(j, width - 1) * b.ld;
    ADJOINT_UNROLL for (int i = 0; i < rows; ++i) sum[i][j] = hn::Zero(d);
  }
  int64_t p = 0;
  for (; p + kLanes<T> <= k; p += kLanes<T>) {
    DotStep(a.data, a.ld, pb, p, LoadAll(), sum);
  }
  if (p < k) DotStep(a.data, a.ld, pb, p, LoadSome{k - p}, sum);

  ADJOINT_UNROLL for (int i = 0; i < rows; ++i) {
    StoreDots(sum[i], out.At(i, 0), width);
  }
}

template <class T>
using DotFn = void (*)(int64_t, const Matrix<T>&, const Matrix<T>&,
                       const Output<T>&, int64_t);

// kDotTiles<T>[rows - 1], of kDotColumns.
template <class T, int... rows>
constexpr std::array<DotFn<T>, kDotRows> AllDotTiles(
    std::integer_sequence<int, rows...>) {
  return {&DotTile<rows + 1, T>...};
}
template <class T>
inline constexpr auto kDotTiles =
    AllDotTiles<T>(std::make_integer_sequence<int, kDotRows>());

}  // namespace adjoint::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
