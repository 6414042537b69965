// The inner loop of the matrix product: a tile of C that stays in registers.
// Highway compiles this file once for each instruction set.

// NOLINTNEXTLINE(build/header_guard): toggled, as Highway's own -inl.h files.
#if defined(ADJOINT_FRAMEWORK_KERNELS_GEMM_TILE_INL_H_) == \
    defined(HWY_TARGET_TOGGLE)
#ifdef ADJOINT_FRAMEWORK_KERNELS_GEMM_TILE_INL_H_
#undef ADJOINT_FRAMEWORK_KERNELS_GEMM_TILE_INL_H_
#else
#define ADJOINT_FRAMEWORK_KERNELS_GEMM_TILE_INL_H_
#endif

#include <array>
#include <cstdint>
#include <utility>

#include "framework/kernels/gemm_product.h"
#include "framework/kernels/vector-inl.h"
#include "hwy/cache_control.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace adjoint::kernels::HWY_NAMESPACE {

// A tile of C of kTileRows rows by kTileVecs vectors fills the registers: 28
// sums, 2 vectors of B and one of A out of 32, or 12, 2 and 1 out of 16.
#if HWY_ARCH_X86 && HWY_TARGET > HWY_AVX3
inline constexpr int kTileRows = 6;
#else
inline constexpr int kTileRows = 14;
#endif
inline constexpr int kTileVecs = 2;

// A single row needs more vectors, or each sum waits for the one before it.
inline constexpr int kRowVecs = 8;

// A tile that takes so many steps has the time to fetch C meanwhile, and so
// long a product has pushed C out of the cache. A shorter one gained nothing.
inline constexpr int64_t kPrefetchDepth = 256;

// Elements (p, column) of B at data[p * ld + column], of which the last
// vector may be read beyond the width of the panel if it is `padded`.
template <class T>
struct ColumnPanel {
  const T* data;
  int64_t ld;
  bool padded;
};

// sum[i][j] += A[i,:] B[:,j]. That the compiler knows whether A is transposed
// saves it registers for addresses, which g++ else takes from the vectors.
template <bool transposed, int rows, int vecs, class T, class LoadLast>
HWY_INLINE void AddProducts(int64_t k, const Matrix<T>& a,
                            const ColumnPanel<T>& b, LoadLast load_last,
                            Vector<T> (&sum)[rows][vecs]) {
  const Tag<T> d;
  const T* HWY_RESTRICT pa = a.data;
  const T* HWY_RESTRICT pb = b.data;
  const int64_t lda = a.ld, ldb = b.ld;
  for (int64_t p = 0; p < k; ++p) {
    Vector<T> vb[vecs];
    ADJOINT_UNROLL for (int j = 0; j < vecs - 1; ++j) {
      vb[j] = hn::LoadU(d, pb + j * kLanes<T>);
    }
    vb[vecs - 1] = load_last(pb + (vecs - 1) * kLanes<T>);
    ADJOINT_UNROLL for (int i = 0; i < rows; ++i) {
      const Vector<T> va = hn::Set(d, transposed ? pa[i] : pa[i * lda]);
      ADJOINT_UNROLL for (int j = 0; j < vecs; ++j) {
        sum[i][j] = hn::MulAdd(va, vb[j], sum[i][j]);
      }
    }
    pa += transposed ? lda : 1;
    pb += ldb;
  }
}

// One tile: `rows` rows of A times `width` columns of B, which end in the last
// of `vecs` vectors.
template <int rows, int vecs, class T>
HWY_NOINLINE void Tile(int64_t k, const Matrix<T>& a, const ColumnPanel<T>& b,
                       const Output<T>& out, int64_t width) {
  const Tag<T> d;
  constexpr int64_t kLast = (vecs - 1) * kLanes<T>;
  const int64_t tail = width - kLast;
  const bool full = tail == kLanes<T>;
  Vector<T> sum[rows][vecs];
  ADJOINT_UNROLL for (int i = 0; i < rows; ++i) {
    ADJOINT_UNROLL for (int j = 0; j < vecs; ++j) sum[i][j] = hn::Zero(d);
  }
  if (k >= kPrefetchDepth) {
    for (int i = 0; i < rows; ++i) {
      hwy::Prefetch(out.c + i * out.ldc);
      hwy::Prefetch(out.c + i * out.ldc + width - 1);
    }
  }
  if (full || b.padded) {
    if (a.transposed) {
      AddProducts<true, rows, vecs>(k, a, b, LoadAll(), sum);
    } else {
      AddProducts<false, rows, vecs>(k, a, b, LoadAll(), sum);
    }
  } else if (a.transposed) {
    AddProducts<true, rows, vecs>(k, a, b, LoadSome{tail}, sum);
  } else {
    AddProducts<false, rows, vecs>(k, a, b, LoadSome{tail}, sum);
  }
  if (out.addend) {
    const T* from = out.addend;
    const Vector<T> factor = hn::Set(d, out.factor);
    ADJOINT_UNROLL for (int i = 0; i < rows; ++i, from += out.addend_ld) {
      ADJOINT_UNROLL for (int j = 0; j < vecs - 1; ++j) {
        sum[i][j] =
            hn::MulAdd(factor, sum[i][j], hn::LoadU(d, from + j * kLanes<T>));
      }
      const Vector<T> last =
          full ? hn::LoadU(d, from + kLast) : LoadFirst(from + kLast, tail);
      sum[i][vecs - 1] = hn::MulAdd(factor, sum[i][vecs - 1], last);
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
using TileFn = void (*)(int64_t, const Matrix<T>&, const ColumnPanel<T>&,
                        const Output<T>&, int64_t);

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

}  // namespace adjoint::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
