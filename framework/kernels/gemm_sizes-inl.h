// Sizes of the parts into which a matrix product is cut, for the caches and for
// threads. Highway compiles this file once for each instruction set.

// NOLINTNEXTLINE(build/header_guard): toggled, as Highway's own -inl.h files.
#if defined(ADJOINT_FRAMEWORK_KERNELS_GEMM_SIZES_INL_H_) == \
    defined(HWY_TARGET_TOGGLE)
#ifdef ADJOINT_FRAMEWORK_KERNELS_GEMM_SIZES_INL_H_
#undef ADJOINT_FRAMEWORK_KERNELS_GEMM_SIZES_INL_H_
#else
#define ADJOINT_FRAMEWORK_KERNELS_GEMM_SIZES_INL_H_
#endif

#include <algorithm>
#include <cstdint>
#include <limits>

#include "framework/kernels/gemm.h"
#include "framework/kernels/gemm_product.h"
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
inline constexpr int64_t kBlockColumns = 4096;

// Processors with vectors of 32 bytes or less have smaller caches, of eight
// ways, and fewer translations of pages: all the more rows of A should meet a
// panel of B while it is near, and hundreds of rows do not stay near where they
// lie if they begin in two sets of a cache, or on so many pages. There it pays
// to pack a transposed A, too, and to choose which operand is packed.
#if HWY_ARCH_X86 && HWY_TARGET > HWY_AVX3
template <class T>
inline constexpr int64_t kBlockPanels = 48 / sizeof(T);
inline constexpr int64_t kManyRowsAlias = 2048;
inline constexpr int64_t kManyRowsSpan = 1 << 19;
inline constexpr bool kPacksMore = true;
#else
template <class T>
inline constexpr int64_t kBlockPanels = 4;
inline constexpr int64_t kManyRowsAlias = 4096;
inline constexpr int64_t kManyRowsSpan = std::numeric_limits<int64_t>::max();
inline constexpr bool kPacksMore = false;
#endif

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

// What an element costs in a copy that threads share, in elements of A read
// once more: to write again what another core has read takes long.
inline constexpr int64_t kSharedCopyCost = 8;

// Elements of an A that stays in the second-level cache as a whole.
template <class T>
inline constexpr int64_t kSmallElements = (1 << 18) / sizeof(T);

// From so many panels of the other operand on it pays to pack a scattered one.
inline constexpr int64_t kPackPanels = 4;

// Elements that stay in the first-level cache while others pass by.
template <class T>
inline constexpr int64_t kNearElements = (1 << 15) / sizeof(T);

constexpr int64_t CeilDiv(int64_t a, int64_t b) { return (a + b - 1) / b; }

// Whether rows that are `bytes` apart, or a multiple of that, begin in the same
// set of a cache. Then they push one another out, and what is read more than
// once is better packed.
template <class T>
bool Aliases(const Matrix<T>& x, int64_t bytes = 4096) {
  return x.ld * sizeof(T) % bytes == 0;
}

// The same of `rows` rows, a whole depth of them.
template <class T>
bool IsScattered(const Matrix<T>& x, int64_t rows) {
  const int64_t span = rows * x.ld * static_cast<int64_t>(sizeof(T));
  return Aliases(x, kManyRowsAlias) || span > kManyRowsSpan;
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

}  // namespace adjoint::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
