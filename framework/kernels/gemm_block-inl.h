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
#include "framework/kernels/gemm_tile-inl.h"
#include "framework/kernels/scratch.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace adjoint::kernels::HWY_NAMESPACE {

// The loops around the tiles follow the memory hierarchy (Goto and van de
// Geijn, "Anatomy of High-Performance Matrix Multiplication", 2008):
//   kTileVecs x kDepth of B, 64 KiB with vectors of 64 bytes, pass by
//   kBlockPanels panels of A, at most 224 KiB, which stay in the second-level
//   cache, out of kDepth x kBlockColumns of B, at most 16 MiB.
// A smaller depth reads and writes C more often, which costs doubles most.
inline constexpr int64_t kDepth = 512;
inline constexpr int64_t kBlockPanels = 4;
inline constexpr int64_t kBlockColumns = 4096;

// Products, or elements moved, that make it worth to wake a thread: some 5
// microseconds of work.
inline constexpr int64_t kChunkProducts = 1 << 18;
inline constexpr int64_t kChunkElements = 1 << 15;

// A product that is large enough is cut into at least so many chunks.
inline constexpr int64_t kMinChunks = 8;

// Panels of B that a thread packs at a time, just before all of A meets them,
// and always to the same place: 256 KiB with vectors of 64 bytes, which stay in
// the second-level cache, where a copy of all of B would go beyond.
inline constexpr int64_t kGroupPanels = 4;

// Then chunks are cut across B only, which takes so many panels of it: with
// fewer, threads would be idle, or read an A that comes from afar for too few.
inline constexpr int64_t kMinNearPanels = 4;
inline constexpr int64_t kMinFarPanels = 2 * kMinChunks;

// Elements of an A that stays in the second-level cache as a whole.
template <class T>
inline constexpr int64_t kSmallElements = (1 << 18) / sizeof(T);

// From so many panels of A on it pays to pack a B whose rows alias.
inline constexpr int64_t kPackPanels = 4;

// Elements that stay in the first-level cache while others pass by.
template <class T>
inline constexpr int64_t kNearElements = (1 << 15) / sizeof(T);

constexpr int64_t CeilDiv(int64_t a, int64_t b) { return (a + b - 1) / b; }

// Whether all rows begin in the same set of the first-level cache. Then they
// push one another out, and what is read more than once is better packed.
template <class T>
bool Aliases(const Matrix<T>& x) {
  return x.ld * sizeof(T) % 4096 == 0;
}

// n things, cut into `count` shares as even as can be.
struct Shares {
  Shares(int64_t n, int64_t count)
      : count(count), size(n / count), larger(n % count) {}
  int64_t Begin(int64_t i) const { return i * size + std::min(i, larger); }
  int64_t Size(int64_t i) const { return size + (i < larger); }
  int64_t count;
  int64_t size, larger;  // The first `larger` have one more than `size`.
};

// Calls multiply(y) for shares y of the k products of x, each at most `depth`:
// all but the first add to those before.
template <class T, class Fn>
void ForDepths(const Product<T>& x, int64_t depth, Fn multiply) {
  const Shares depths(x.k, CeilDiv(x.k, depth));
  for (int64_t d = 0; d < depths.count; ++d) {
    const int64_t p = depths.Begin(d);
    Matrix<T> a = x.a, b = x.b;
    a.data += a.transposed ? p * a.ld : p;
    b.data += b.transposed ? p : p * b.ld;
    Output<T> out = x.out;
    if (d > 0) {
      out.addend = out.c;
      out.addend_ld = out.ldc;
    }
    multiply(Product<T>{x.m, x.n, depths.Size(d), a, b, out});
  }
}

// What the memory of a thread is for.
enum class GemmScratch { kPackedB, kPackedA };

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
                  (rows_.count >= kPackPanels && Aliases(x_.b))),
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
                   : std::max(kBlockPanels,
                              CeilDiv(kChunkProducts, kTileRows * x_.n * x_.k));
    const int64_t down = CeilDiv(rows_.count, height);
    const int64_t chunks = std::min(kMinChunks, Products() / kChunkProducts);
    int64_t across = 1;
    while (across < columns_ && down * across < chunks) across *= 2;
    const int64_t width = CeilDiv(columns_, across);
    across = CeilDiv(columns_, width);
    // Row by row of chunks, so that a thread has rows of C that lie together:
    // those of a gradient are then where its stretch of the update needs them.
    ParallelFor(down * across, 1, [&](int64_t begin, int64_t end) {
      for (int64_t chunk = begin; chunk < end; ++chunk) {
        const int64_t i = chunk / across * height;
        const int64_t j = chunk % across * width;
        RunChunk(i, std::min(i + height, rows_.count), j,
                 std::min(j + width, columns_));
      }
    });
  }

 private:
  // Columns of a panel of B.
  static constexpr int64_t kWidth = kTileVecs * kLanes<T>;

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

  // Not where rows of A are packed, too: those would be for each group again.
  bool PaysToPackLate() const {
    if (x_.m * x_.k <= kSmallElements<T>) {
      return columns_ >= kMinNearPanels || IsShort();
    }
    return columns_ >= kMinFarPanels && (x_.a.transposed || !Aliases(x_.a));
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

  // `count` rows of A: a tile reads the transpose in order as it lies, and rows
  // from a transposed copy if they alias.
  Matrix<T> RowsOfA(int64_t row, int64_t count) const {
    const Matrix<T>& a = x_.a;
    if (a.transposed) return {a.data + row, a.ld, true};
    const T* const from = a.data + row * a.ld;
    if (count == 1 || !Aliases(a)) return {from, a.ld};
    // The rows of the copy do not alias: an odd number of cache lines.
    constexpr int64_t kLine = 64 / sizeof(T);
    const int64_t step = (CeilDiv(count, kLine) | 1) * kLine;
    T* const copy = Scratch<T, GemmScratch::kPackedA>(step * x_.k);
    PackColumns(x_.k, count, from, a.ld, copy, step);
    return {copy, step, true};
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
    for (int64_t block = i0; block < i1; block += kBlockPanels) {
      const int64_t block_end = std::min(block + kBlockPanels, i1);
      const int64_t first = rows_.Begin(block);
      const Matrix<T> rows = RowsOfA(first, rows_.Begin(block_end) - first);
      for (int64_t j = j0; j < j1; ++j) {
        const ColumnPanel<T> b =
            Packs(j) ? ColumnPanel<T>{copy + CopyAt(j - j0),
                                      Vecs(j) * kLanes<T>, true}
                     : ColumnPanel<T>{x_.b.data + j * kWidth, x_.b.ld, false};
        for (int64_t i = block; i < block_end; ++i) {
          // Rows are shared out evenly: a tile of few rows waits for its sums.
          const int64_t row = rows_.Begin(i), skip = row - first;
          Matrix<T> a = rows;
          a.data += a.transposed ? skip : skip * a.ld;
          kTiles<T>[rows_.Size(i) - 1][Vecs(j) - 1](
              x_.k, a, b, x_.out.At(row, j * kWidth), Width(j));
        }
      }
    }
  }

  const Product<T>& x_;
  const Shares rows_;      // Panels of A.
  const int64_t columns_;  // Panels of B.
  const bool pack_all_;    // Or only a ragged last panel of B, if there is one.
  const bool pack_late_;   // Groups of panels of B, each just before use.
  T* const packed_;
};

}  // namespace adjoint::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
