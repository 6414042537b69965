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
#include "framework/kernels/gemm_product.h"
#include "framework/kernels/gemm_sizes-inl.h"
#include "framework/kernels/gemm_tile-inl.h"
#include "framework/kernels/scratch.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace adjoint::kernels::HWY_NAMESPACE {

// What the memory of a thread is for.
enum class GemmScratch { kPackedB, kPackedA, kTransposedC };

// A product with k <= kDepth and n <= kBlockColumns. A tile is where a panel
// (some rows) of A meets a panel (some columns) of B.
template <class T>
class Block {
 public:
  explicit Block(const Product<T>& product)
      : x_(product),
        rows_(x_.m, CeilDiv(x_.m, kTileRows)),
        columns_(CeilDiv(x_.n, kWidth)),
        pack_all_(x_.b.transposed ||
                  (rows_.count >= kPackPanels && IsScattered(x_.b, x_.k))),
        pack_a_(PaysToPackA()),
        pack_late_(pack_all_ && PaysToPackLate()),
        packed_(Packs(columns_ - 1) && !pack_late_
                    ? ScratchForB(pack_all_ ? columns_ : 1)
                    : nullptr) {}

  void Run() {
    if (IsShort()) {
      if (!pack_late_) PackB(0, columns_, packed_);
      return RunChunk(0, rows_.count, 0, columns_);
    }
    if (!pack_late_) PackForAll();
    const int64_t height =
        pack_late_ ? rows_.count
                   : std::max(kBlockPanels<T>,
                              CeilDiv(kChunkProducts, kTileRows * x_.n * x_.k));
    const Shares down(rows_.count, CeilDiv(rows_.count, height));
    const int64_t chunks = std::min(kMinChunks, Products() / kChunkProducts);
    int64_t count = 1;
    while (count < columns_ && down.count * count < chunks) count *= 2;
    const Shares across(columns_, std::min(count, columns_));
    // Row by row of chunks, so that a thread has rows of C that lie together:
    // those of a gradient are then where its stretch of the update needs them.
    ParallelFor(down.count * across.count, 1, [&](int64_t begin, int64_t end) {
      for (int64_t chunk = begin; chunk < end; ++chunk) {
        const int64_t i = chunk / across.count, j = chunk % across.count;
        RunChunk(down.Begin(i), down.Begin(i + 1), across.Begin(j),
                 across.Begin(j + 1));
      }
    });
  }

 private:
  // Columns of a panel of B, and rows that a copy of one of A has room for.
  static constexpr int64_t kWidth = kTileVecs * kLanes<T>;
  static constexpr int64_t kPanelRows =
      CeilDiv(kTileRows, kLanes<T>) * kLanes<T>;

  int64_t Products() const { return x_.m * x_.n * x_.k; }

  // Whether one thread had better do it all.
  bool IsShort() const { return Products() < 2 * kChunkProducts; }

  int64_t Width(int64_t j) const { return std::min(kWidth, x_.n - j * kWidth); }

  int64_t Vecs(int64_t j) const { return CeilDiv(Width(j), kLanes<T>); }

  // Tiles can read B where it lies, but want it in rows, and the last vector
  // whole where masks are dear.
  bool Packs(int64_t j) const {
    return pack_all_ || (!kMasksAreCheap && Width(j) % kLanes<T> != 0);
  }

  bool PaysToPackA() const {
    const Matrix<T>& a = x_.a;
    if (!a.transposed) return x_.m > 1 && Aliases(a);
    return kPacksMore && columns_ >= kPackPanels && IsScattered(a, x_.k);
  }

  // Not where A is packed, too: it would be for each group again.
  bool PaysToPackLate() const {
    if (x_.m * x_.k <= kSmallElements<T>) {
      return columns_ >= kMinNearPanels || IsShort();
    }
    const bool sharing_costs_more = NumThreads() > 1 &&
                                    columns_ >= NumThreads() &&
                                    x_.m <= kSharedCopyCost * x_.n;
    return (columns_ >= kMinFarPanels || sharing_costs_more) && !pack_a_;
  }

  T* ScratchForB(int64_t panels) const {
    return Scratch<T, GemmScratch::kPackedB>(panels * kWidth * x_.k);
  }

  // Where the copy of panel j is among copies that begin with panel 0.
  int64_t CopyAt(int64_t j) const { return pack_all_ ? j * kWidth * x_.k : 0; }

  void PackPanel(int64_t j, T* to) const {
    const Matrix<T>& b = x_.b;
    const int64_t column = j * kWidth, step = Vecs(j) * kLanes<T>;
    if (b.transposed) {
      PackColumns(x_.k, Width(j), b.data + column * b.ld, b.ld, to, step);
    } else {
      PackRows(x_.k, Width(j), b.data + column, b.ld, to, step);
    }
  }

  void PackB(int64_t begin, int64_t end, T* to) const {
    for (int64_t j = begin; j < end; ++j) {
      if (Packs(j)) PackPanel(j, to + CopyAt(j - begin));
    }
  }

  // Packs B for all blocks of A, or only a ragged last panel of it.
  void PackForAll() const {
    if (!pack_all_) return PackB(columns_ - 1, columns_, packed_);
    ParallelFor(columns_, CeilDiv(kChunkElements, kWidth * x_.k),
                [this](int64_t begin, int64_t end) {
                  PackB(begin, end, packed_ + CopyAt(begin));
                });
  }

  // Panel i of A where it lies.
  Matrix<T> PanelOfA(int64_t i) const {
    const Matrix<T>& a = x_.a;
    const int64_t row = rows_.Begin(i);
    return {a.data + (a.transposed ? row : row * a.ld), a.ld, a.transposed};
  }

  // Copies panels of A [begin, end), transposed, to `to`.
  void PackA(int64_t begin, int64_t end, T* to) const {
    for (int64_t i = begin; i < end; ++i, to += kPanelRows * x_.k) {
      const Matrix<T> a = PanelOfA(i);
      if (a.transposed) {
        PackRows(x_.k, rows_.Size(i), a.data, a.ld, to, kPanelRows);
      } else {
        PackColumns(x_.k, rows_.Size(i), a.data, a.ld, to, kPanelRows);
      }
    }
  }

  // The panels of A [i0, i1) and of B [j0, j1).
  void RunChunk(int64_t i0, int64_t i1, int64_t j0, int64_t j1) const {
    if (!pack_late_) return RunTiles(i0, i1, j0, j1, packed_ + CopyAt(j0));
    T* const copy = ScratchForB(std::min(kGroupPanels, j1 - j0));
    for (int64_t j = j0; j < j1; j += kGroupPanels) {
      const int64_t end = std::min(j + kGroupPanels, j1);
      PackB(j, end, copy);
      RunTiles(i0, i1, j, end, copy);
    }
  }

  // Their tiles. Panels of B that are packed lie from `copy` on.
  void RunTiles(int64_t i0, int64_t i1, int64_t j0, int64_t j1,
                const T* copy) const {
    T* const copy_of_a = pack_a_ ? Scratch<T, GemmScratch::kPackedA>(
                                       kBlockPanels<T> * kPanelRows * x_.k)
                                 : nullptr;
    for (int64_t block = i0; block < i1; block += kBlockPanels<T>) {
      const int64_t block_end = std::min(block + kBlockPanels<T>, i1);
      if (pack_a_) PackA(block, block_end, copy_of_a);
      for (int64_t j = j0; j < j1; ++j) {
        const ColumnPanel<T> b =
            Packs(j) ? ColumnPanel<T>{copy + CopyAt(j - j0),
                                      Vecs(j) * kLanes<T>, true}
                     : ColumnPanel<T>{x_.b.data + j * kWidth, x_.b.ld, false};
        for (int64_t i = block; i < block_end; ++i) {
          const Matrix<T> a =
              pack_a_ ? Matrix<T>{copy_of_a + (i - block) * kPanelRows * x_.k,
                                  kPanelRows, true}
                      : PanelOfA(i);
          kTiles<T>[rows_.Size(i) - 1][Vecs(j) - 1](
              x_.k, a, b, x_.out.At(rows_.Begin(i), j * kWidth), Width(j));
        }
      }
    }
  }

  const Product<T>& x_;
  // Panels of A, of even sizes: a tile of few rows waits for its sums.
  const Shares rows_;
  const int64_t columns_;  // Panels of B.
  const bool pack_all_;    // Or only a ragged last panel of B, if there is one.
  const bool pack_a_;
  const bool pack_late_;  // Groups of panels of B, each just before use.
  T* const packed_;
};

}  // namespace adjoint::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
