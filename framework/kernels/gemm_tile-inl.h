// The inner loops of the matrix product: tiles of C that stay in registers.
// Highway compiles this file once for each instruction set.

// NOLINTNEXTLINE(build/header_guard): toggled, as Highway's own -inl.h files.
#if defined(ADJOINT_FRAMEWORK_KERNELS_GEMM_TILE_INL_H_) == \
    defined(HWY_TARGET_TOGGLE)
#ifdef ADJOINT_FRAMEWORK_KERNELS_GEMM_TILE_INL_H_
#undef ADJOINT_FRAMEWORK_KERNELS_GEMM_TILE_INL_H_
#else
#define ADJOINT_FRAMEWORK_KERNELS_GEMM_TILE_INL_H_
#endif

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace adjoint::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// A tile of C of kTileRows rows by kTileVecs vectors fills the registers: 28
// sums, 2 vectors of B and one of A out of 32, or 12, 2 and 1 out of 16.
// Likewise for tiles of dot products.
#if HWY_ARCH_X86 && HWY_TARGET > HWY_AVX3
inline constexpr int kTileRows = 6;
inline constexpr int kDotRows = 2;
#else
inline constexpr int kTileRows = 14;
inline constexpr int kDotRows = 4;
#endif
inline constexpr int kTileVecs = 2;
inline constexpr int kDotColumns = 4;

// A single row waits for the stream of B; a wide tile reads it in long runs.
inline constexpr int kRowVecs = 8;

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

// Where the sums go: C = addend + sums. Rows of `addend` are `addend_ld` apart,
// of which 0 repeats one row; null stands for zeros.
template <class T>
struct Output {
  T* c;
  int64_t ldc;
  const T* addend;
  int64_t addend_ld;

  Output At(int64_t row, int64_t column) const {
    return {c + row * ldc + column, ldc,
            addend ? addend + row * addend_ld + column : nullptr, addend_ld};
  }
};

// Elements (row, p) of A at data[row * row_step + p * step].
template <class T>
struct RowPanel {
  const T* data;
  int64_t row_step;
  int64_t step;
};

// Elements (p, column) of B at data[p * step + column], readable as whole
// vectors.
template <class T>
struct ColumnPanel {
  const T* data;
  int64_t step;
};

// One tile: `rows` rows of A times `width` columns of B, which end in the last
// of `vecs` vectors.
template <int rows, int vecs, class T>
HWY_NOINLINE void Tile(int64_t k, RowPanel<T> a, ColumnPanel<T> b,
                       Output<T> out, int64_t width) {
  const Tag<T> d;
  Vector<T> sum[rows][vecs];
  ADJOINT_UNROLL for (int i = 0; i < rows; ++i) {
    ADJOINT_UNROLL for (int j = 0; j < vecs; ++j) sum[i][j] = hn::Zero(d);
  }
  const T* HWY_RESTRICT pa = a.data;
  const T* HWY_RESTRICT pb = b.data;
  for (int64_t p = 0; p < k; ++p) {
    Vector<T> vb[vecs];
    ADJOINT_UNROLL for (int j = 0; j < vecs; ++j) {
      vb[j] = hn::LoadU(d, pb + j * kLanes<T>);
    }
    ADJOINT_UNROLL for (int i = 0; i < rows; ++i) {
      const Vector<T> va = hn::Set(d, pa[i * a.row_step]);
      ADJOINT_UNROLL for (int j = 0; j < vecs; ++j) {
        sum[i][j] = hn::MulAdd(va, vb[j], sum[i][j]);
      }
    }
    pa += a.step;
    pb += b.step;
  }
  constexpr int64_t kLast = (vecs - 1) * kLanes<T>;
  const int64_t tail = width - kLast;
  const bool full = tail == kLanes<T>;
  if (out.addend) {
    const T* from = out.addend;
    ADJOINT_UNROLL for (int i = 0; i < rows; ++i, from += out.addend_ld) {
      ADJOINT_UNROLL for (int j = 0; j < vecs - 1; ++j) {
        sum[i][j] = hn::Add(sum[i][j], hn::LoadU(d, from + j * kLanes<T>));
      }
      const Vector<T> last =
          full ? hn::LoadU(d, from + kLast) : LoadFirst(from + kLast, tail);
      sum[i][vecs - 1] = hn::Add(sum[i][vecs - 1], last);
    }
  }
  T* to = out.c;
  ADJOINT_UNROLL for (int i = 0; i < rows; ++i, to += out.ldc) {
    ADJOINT_UNROLL for (int j = 0; j < vecs - 1; ++j) {
      hn::StoreU(sum[i][j], d, to + j * kLanes<T>);
    }
    if (full) {
      hn::StoreU(sum[i][vecs - 1], d, to + kLast);
    } else {
      StoreFirst(sum[i][vecs - 1], to + kLast, tail);
    }
  }
}

template <class T>
using TileFn = void (*)(int64_t, RowPanel<T>, ColumnPanel<T>, Output<T>,
                        int64_t);

// kTiles<T>[rows - 1][vecs - 1]; only a single row has more than kTileVecs.
template <class T, int rows, int... vecs>
constexpr std::array<TileFn<T>, kRowVecs> TilesOfRows(
    std::integer_sequence<int, vecs...>) {
  return {&Tile<rows, vecs + 1, T>...};
}
template <class T, int... rows>
constexpr std::array<std::array<TileFn<T>, kRowVecs>, kTileRows> AllTiles(
    std::integer_sequence<int, 0, rows...>) {
  return {TilesOfRows<T, 1>(std::make_integer_sequence<int, kRowVecs>()),
          TilesOfRows<T, rows + 1>(
              std::make_integer_sequence<int, kTileVecs>())...};
}
template <class T>
inline constexpr auto kTiles =
    AllTiles<T>(std::make_integer_sequence<int, kTileRows>());

// Adds one vector of products to each sum of a DotTile.
template <int rows, class T, class Load>
HWY_INLINE void DotStep(Vector<T> (&sum)[rows][kDotColumns], const T* a,
                        int64_t lda, const T* const* b, int64_t p, Load load) {
  Vector<T> vb[kDotColumns];
  ADJOINT_UNROLL for (int j = 0; j < kDotColumns; ++j) vb[j] = load(b[j] + p);
  ADJOINT_UNROLL for (int i = 0; i < rows; ++i) {
    const Vector<T> va = load(a + i * lda + p);
    ADJOINT_UNROLL for (int j = 0; j < kDotColumns; ++j) {
      sum[i][j] = hn::MulAdd(va, vb[j], sum[i][j]);
    }
  }
}

// One tile of dot products: `rows` rows of A times `columns` <= kDotColumns
// columns of B, which are rows in memory.
template <int rows, class T>
HWY_NOINLINE void DotTile(int64_t k, const T* a, int64_t lda, const T* b,
                          int64_t ldb, Output<T> out, int64_t columns) {
  const Tag<T> d;
  Vector<T> sum[rows][kDotColumns];
  const T* pb[kDotColumns];
  ADJOINT_UNROLL for (int j = 0; j < kDotColumns; ++j) {
    // A ragged tile computes its last column again rather than branch.
    pb[j] = b + std::min<int64_t>(j, columns - 1) * ldb;
    ADJOINT_UNROLL for (int i = 0; i < rows; ++i) sum[i][j] = hn::Zero(d);
  }
  int64_t p = 0;
  for (; p + kLanes<T> <= k; p += kLanes<T>) {
    DotStep<rows, T>(sum, a, lda, pb, p, LoadAll());
  }
  if (p < k) DotStep<rows, T>(sum, a, lda, pb, p, LoadSome{k - p});
  ADJOINT_UNROLL for (int i = 0; i < rows; ++i) {
    ADJOINT_UNROLL for (int j = 0; j < kDotColumns; ++j) {
      if (j >= columns) break;
      const Output<T> to = out.At(i, j);
      const T dot = hn::GetLane(hn::SumOfLanes(d, sum[i][j]));
      *to.c = to.addend ? dot + *to.addend : dot;
    }
  }
}

template <class T>
using DotTileFn = void (*)(int64_t, const T*, int64_t, const T*, int64_t,
                           Output<T>, int64_t);

// kDotTiles<T>[rows - 1].
template <class T, int... rows>
constexpr std::array<DotTileFn<T>, kDotRows> AllDotTiles(
    std::integer_sequence<int, rows...>) {
  return {&DotTile<rows + 1, T>...};
}
template <class T>
inline constexpr auto kDotTiles =
    AllDotTiles<T>(std::make_integer_sequence<int, kDotRows>());

// One row of a rank-one product: a number times b[n].
template <class T>
void ScaleRow(int64_t n, T a, const T* b, Output<T> out) {
  const Tag<T> d;
  const Vector<T> va = hn::Set(d, a);
  int64_t j = 0;
  for (; j + kLanes<T> <= n; j += kLanes<T>) {
    const Vector<T> sum =
        out.addend ? hn::LoadU(d, out.addend + j) : hn::Zero(d);
    hn::StoreU(hn::MulAdd(va, hn::LoadU(d, b + j), sum), d, out.c + j);
  }
  if (j < n) {
    const Vector<T> sum =
        out.addend ? LoadFirst(out.addend + j, n - j) : hn::Zero(d);
    StoreFirst(hn::MulAdd(va, LoadFirst(b + j, n - j), sum), out.c + j, n - j);
  }
}

}  // namespace adjoint::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
