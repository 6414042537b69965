// One block of a matrix product: how it is packed, cut into chunks for threads
// and into tiles. Highway compiles this file once for each instruction set.

// NOLINTNEXTLINE(build/header_guard): toggled, as Highway's own -inl.h files.
#if defined(ADJOINT_FRAMEWORK_KERNELS_GEMM_BLOCK_INL_H_) == \
    defined(HWY_TARGET_TOGGLE)
#ifdef ADJOINT_FRAMEWORK_KERNELS_GEMM_BLOCK_INL_H_
#undef ADJOINT_FRAMEWORK_KERNELS_GEMM_BLOCK_INL_H_
#else
#define ADJOINT_FRAMEWORK_KERNELS_GEMM_BLOCK_INL_H_
#endif

#include <algorithm>
#include <cstdint>

#include "framework/base/parallel_for.h"
#include "framework/kernels/gemm.h"
#include "framework/kernels/gemm_pack-inl.h"
#include "framework/kernels/gemm_tile-inl.h"
#include "framework/kernels/scratch.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace adjoint::kernels::HWY_NAMESPACE {

// The loops around the tiles follow the memory hierarchy (Goto and van de
// Geijn, "Anatomy of High-Performance Matrix Multiplication", 2008):
//   kTileRows x kDepth of A, at most 14 KiB, stay in the first-level cache
//   while kDepth x kGroupColumns of B, 512 KiB, pass by from the second,
//   out of kDepth x kBlockColumns that are packed at a time, 4 MiB.
template <class T>
inline constexpr int64_t kDepth = 1024 / sizeof(T);
inline constexpr int64_t kGroupColumns = 512;
inline constexpr int64_t kBlockColumns = 4096;

// Products, or elements moved, that make it worth to wake a thread: some 5
// microseconds of work.
inline constexpr int64_t kChunkProducts = 1 << 18;
inline constexpr int64_t kChunkElements = 1 << 15;

// A product that is large enough is cut into at least so many chunks.
inline constexpr int64_t kMinChunks = 8;

constexpr int64_t CeilDiv(int64_t a, int64_t b) { return (a + b - 1) / b; }

// C[m,n] = op(A)[m,k] op(B)[k,n] + addend.
template <class T>
struct Product {
  int64_t m, n, k;
  Matrix<T> a, b;
  Output<T> out;
};

// Whether the rows compete for a few sets of the first-level cache, so that
// what is read more than once is better packed.
template <class T>
bool Aliases(const Matrix<T>& x) {
  return x.ld * sizeof(T) % 1024 == 0;
}

// What the memory of a thread is for.
enum class GemmScratch { kPacked };

// A product with k <= kDepth and n <= kBlockColumns. A tile is where a panel
// (some rows) of A meets a panel (some columns) of B.
template <class T>
class Block {
 public:
  explicit Block(const Product<T>& product)
      : x_(product),
        rows_(CeilDiv(x_.m, kTileRows)),
        width_((x_.m == 1 ? kRowVecs : kTileVecs) * kLanes<T>),
        columns_(CeilDiv(x_.n, width_)),
        pack_all_(x_.b.transposed || rows_ >= (Aliases(x_.b) ? 4 : 32)),
        packed_(Scratch<T, GemmScratch::kPacked>(width_ * x_.k *
                                                 (pack_all_ ? columns_ : 1))),
        chunk_rows_(rows_),
        chunk_columns_(std::min(columns_, CeilDiv(kGroupColumns, width_))) {
    if (x_.m * x_.n * x_.k < 2 * kChunkProducts) return;
    while (chunk_columns_ > 1 && rows_ * ChunksAcross() < kMinChunks) {
      chunk_columns_ = CeilDiv(chunk_columns_, 2);
    }
    chunk_rows_ = std::min(
        rows_,
        CeilDiv(kChunkProducts, kTileRows * width_ * chunk_columns_ * x_.k));
  }

  void Run() {
    ParallelFor(columns_, CeilDiv(kChunkElements, width_ * x_.k),
                [this](int64_t begin, int64_t end) {
                  for (int64_t j = begin; j < end; ++j) {
                    if (Packs(j)) PackB(j);
                  }
                });
    ParallelFor(CeilDiv(rows_, chunk_rows_) * ChunksAcross(), 1,
                [this](int64_t begin, int64_t end) {
                  for (int64_t i = begin; i < end; ++i) RunChunk(i);
                });
  }

 private:
  int64_t ChunksAcross() const { return CeilDiv(columns_, chunk_columns_); }

  int64_t Width(int64_t j) const { return std::min(width_, x_.n - j * width_); }

  int64_t Vecs(int64_t j) const { return CeilDiv(Width(j), kLanes<T>); }

  // Tiles can read B where it lies, in whole vectors. To pack it pays only if
  // enough panels of A read it again: 4 or 32 of them, as measured.
  bool Packs(int64_t j) const { return pack_all_ || Width(j) % kLanes<T> != 0; }

  T* Packed(int64_t j) const {
    return packed_ + (pack_all_ ? j * width_ * x_.k : 0);
  }

  void PackB(int64_t j) const {
    const int64_t column = j * width_;
    const int64_t step = Vecs(j) * kLanes<T>;
    if (x_.b.transposed) {
      PackColumns(x_.k, Width(j), x_.b.data + column * x_.b.ld, x_.b.ld,
                  Packed(j), step);
    } else {
      PackRows(x_.k, Width(j), x_.b.data + column, x_.b.ld, Packed(j), step);
    }
  }

  ColumnPanel<T> PanelOfB(int64_t j) const {
    if (Packs(j)) return {Packed(j), Vecs(j) * kLanes<T>};
    return {x_.b.data + j * width_, x_.b.ld};
  }

  // The panel of `count` rows, in `memory` if that makes it faster to read.
  RowPanel<T> PanelOfA(int64_t row, int64_t count, bool read_once,
                       T* memory) const {
    const Matrix<T>& a = x_.a;
    if (a.transposed) {
      if (!Aliases(a) || read_once) return {a.data + row, 1, a.ld};
      PackRows(x_.k, count, a.data + row, a.ld, memory, kPanelStep);
    } else {
      if (!Aliases(a) || count == 1) return {a.data + row * a.ld, a.ld, 1};
      PackColumns(x_.k, count, a.data + row * a.ld, a.ld, memory, kPanelStep);
    }
    return {memory, 1, kPanelStep};
  }

  void RunChunk(int64_t index) const {
    const int64_t i0 = index / ChunksAcross() * chunk_rows_;
    const int64_t j0 = index % ChunksAcross() * chunk_columns_;
    const int64_t i1 = std::min(rows_, i0 + chunk_rows_);
    const int64_t j1 = std::min(columns_, j0 + chunk_columns_);
    HWY_ALIGN T memory[kPanelStep * kDepth<T>];
    for (int64_t i = i0; i < i1; ++i) {
      // Rows are shared out evenly: a tile of few rows waits for its sums.
      const int64_t row = i * x_.m / rows_;
      const int64_t count = (i + 1) * x_.m / rows_ - row;
      const RowPanel<T> a = PanelOfA(row, count, j1 - j0 == 1, memory);
      for (int64_t j = j0; j < j1; ++j) {
        kTiles<T>[count - 1][Vecs(j) - 1](x_.k, a, PanelOfB(j),
                                          x_.out.At(row, j * width_), Width(j));
      }
    }
  }

  // A packed panel of A has kTileRows rounded up to whole vectors.
  static constexpr int64_t kPanelStep =
      CeilDiv(kTileRows, kLanes<T>) * kLanes<T>;

  const Product<T>& x_;
  const int64_t rows_;     // Panels of A.
  const int64_t width_;    // Columns of a panel of B.
  const int64_t columns_;  // Panels of B.
  const bool pack_all_;    // Or only a ragged last panel of B, if there is one.
  T* const packed_;
  int64_t chunk_rows_, chunk_columns_;  // Panels in a chunk.
};

}  // namespace adjoint::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
