#include "framework/kernels/conv.h"

#include <algorithm>
#include <cstdint>

#include "framework/base/parallel_for.h"
#include "framework/base/vectorize.h"
#include "framework/kernels/columns.h"
#include "framework/kernels/gemm.h"
#include "framework/kernels/scratch.h"
#include "framework/kernels/transpose.h"

// A convolution is a matrix product with the columns of x: each column is a
// window, [c kh kw], for each position of y (Chellapilla, Puri and Simard,
// "High Performance Convolutional Neural Networks for Document Processing",
// 2006). With w as a matrix [out, c kh kw], an image of y [out, positions] is
// w x columns, an image of dx is w' x dy put back where the columns came from,
// and dw is the sum over images of dy x columns'. Columns are made for a chunk
// of positions at a time, so that they stay in the second-level cache.
namespace adjoint::kernels {
namespace {

// Bytes of columns to a chunk, unless windows are very large. Less was slower
// (//bench:ops, conv2d).
constexpr int64_t kChunkBytes = 512 * 1024;

// So many positions at least share a pass over the weights, whatever the size
// of a window. Images of less than half of it are put side by side.
constexpr int64_t kMinPositions = 256;

// Sums of dw made at a time, and the elements they may have in total.
constexpr int64_t kMaxSums = 16;
constexpr int64_t kSumElements = 1 << 20;

// Products that make it worth to wake a thread.
constexpr int64_t kChunkProducts = 1 << 18;

// How a convolution is cut into chunks: by its shape alone.
class Chunks {
 public:
  template <class T>
  Chunks(const Conv2dShape& s, T)
      : n_(s.n), all_(s.positions()), images_(1), positions_(all_) {
    const int64_t fit = kChunkBytes / static_cast<int64_t>(sizeof(T)) /
                        std::max<int64_t>(1, s.window());
    const int64_t wanted = std::max(kMinPositions, fit);
    if (all_ < kMinPositions / 2) {
      images_ = std::clamp<int64_t>(kMinPositions / all_, 1,
                                    std::max<int64_t>(1, n_));
    } else {
      // Even pieces, rounded up to two vectors of floats.
      positions_ = (NumChunks(all_, NumChunks(all_, wanted)) + 31) / 32 * 32;
    }
    const int64_t products = s.out * s.window() * images_ * positions_;
    grain_ = NumChunks(kChunkProducts, std::max<int64_t>(1, products));
  }

  // Chunks of the same images are neighbours.
  int64_t groups() const { return NumChunks(n_, images_); }
  int64_t pieces() const { return NumChunks(all_, positions_); }
  int64_t count() const { return groups() * pieces(); }

  // Of chunks, for ParallelFor.
  int64_t grain() const { return grain_; }

  ConvChunk operator[](int64_t i) const {
    const int64_t image = i / pieces() * images_;
    const int64_t begin = i % pieces() * positions_;
    return {image, std::min(images_, n_ - image), begin,
            std::min(all_, begin + positions_)};
  }

 private:
  int64_t n_, all_;
  int64_t images_, positions_;
  int64_t grain_;
};

// What the memory of a thread is for.
enum class ConvScratch { kColumns, kImages, kProduct, kSums };

// A row length of at least n that keeps rows aligned and spreads them over all
// sets of a cache: an odd number of cache lines.
template <class T>
int64_t RowStep(int64_t n) {
  constexpr int64_t kLine = 64 / sizeof(T);
  return (n + kLine - 1) / kLine / 2 * 2 * kLine + kLine;
}

// sum[i] += x[i]
template <class T>
void Accumulate(const T* x, int64_t n, T* sum) {
  WithWidestVectors([=] {
    const T* __restrict from = x;
    T* __restrict to = sum;
    for (int64_t i = 0; i < n; ++i) to[i] += from[i];
  });
}

// Whether the columns are the image itself.
bool IsPointwise(const Conv2dShape& s) {
  for (const Windows& along : {s.h, s.w}) {
    if (along.size != 1 || along.stride != 1 || along.padding != 0) {
      return false;
    }
  }
  return true;
}

// The columns of a chunk, [window, size].
template <class T>
Matrix<T> Columns(const Conv2dShape& s, const ConvChunk& chunk, const T* x) {
  if (IsPointwise(s) && chunk.images == 1) {
    return {x + chunk.image * s.image() + chunk.begin, s.positions()};
  }
  const int64_t step = RowStep<T>(chunk.size());
  T* const columns = Scratch<T, ConvScratch::kColumns>(s.window() * step);
  MakeColumns(s, chunk, x, columns, step);
  return {columns, step};
}

// The chunk of y or dy, [out, size]: in place if it is of one image.
template <class T>
Matrix<T> ImagesOf(const Conv2dShape& s, const ConvChunk& chunk, const T* y) {
  const int64_t all = s.positions();
  y += chunk.image * s.out * all;
  if (chunk.images == 1) return {y + chunk.begin, all};
  T* const images = Scratch<T, ConvScratch::kImages>(s.out * chunk.size());
  for (int64_t m = 0; m < chunk.images; ++m) {
    for (int64_t o = 0; o < s.out; ++o, y += all) {
      std::copy_n(y, all, images + (o * chunk.images + m) * all);
    }
  }
  return {images, chunk.size()};
}

}  // namespace

template <class T>
void Conv2d(const Conv2dShape& s, const T* x, const T* weight, const T* bias,
            T* y) {
  const Chunks chunks(s, T());
  const auto convolve = [&](const ConvChunk& chunk) {
    const Matrix<T> columns = Columns(s, chunk, x);
    const int64_t all = s.positions(), n = chunk.positions();
    const bool in_place = chunk.images == 1;
    T* to = y + chunk.image * s.out * all + chunk.begin;
    T* const product =
        in_place ? to : Scratch<T, ConvScratch::kImages>(s.out * chunk.size());
    const int64_t step = in_place ? all : chunk.size();
    Gemm<T>(s.out, chunk.size(), s.window(), {weight, s.window()}, columns,
            product, step);
    // The bias, and images side by side set apart, while y is in the cache.
    for (int64_t m = 0; m < chunk.images; ++m) {
      for (int64_t o = 0; o < s.out; ++o, to += all) {
        if (!in_place) std::copy_n(product + o * step + m * n, n, to);
        if (bias == nullptr) continue;
        for (int64_t p = 0; p < n; ++p) to[p] += bias[o];
      }
    }
  };
  ParallelFor(chunks.count(), chunks.grain(), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) convolve(chunks[i]);
  });
}

template <class T>
void Conv2dInputGradient(const Conv2dShape& s, const T* dy, const T* weight,
                         T* dx) {
  const Chunks chunks(s, T());
  const auto convolve = [&](const ConvChunk& chunk) {
    const Matrix<T> images = ImagesOf(s, chunk, dy);
    const int64_t step = RowStep<T>(chunk.size());
    T* const columns = Scratch<T, ConvScratch::kColumns>(s.window() * step);
    Gemm<T>(s.window(), chunk.size(), s.out, {weight, s.window(), true}, images,
            columns, step);
    AddColumns(s, chunk, columns, step, dx);
  };
  // Windows overlap, so the pieces of an image take turns.
  const int64_t pieces = chunks.pieces();
  const auto convolve_groups = [&](int64_t begin, int64_t end) {
    const int64_t first = chunks[begin * pieces].image;
    const ConvChunk last = chunks[end * pieces - 1];
    std::fill(dx + first * s.image(),
              dx + (last.image + last.images) * s.image(), T{0});
    for (int64_t i = begin * pieces; i < end * pieces; ++i) convolve(chunks[i]);
  };
  ParallelFor(chunks.groups(), NumChunks(chunks.grain(), pieces),
              convolve_groups);
}

template <class T>
void Conv2dWeightGradient(const Conv2dShape& s, const T* x, const T* dy,
                          T* dw) {
  const int64_t out = s.out, window = s.window(), size = out * window;
  if (size == 0) return;
  const Chunks chunks(s, T());
  // Each sum is of several chunks, in order; then the sums are summed in order.
  const int64_t most = std::clamp<int64_t>(kSumElements / size, 1, kMaxSums);
  const int64_t share =
      std::max(chunks.grain(), NumChunks(chunks.count(), most));
  const int64_t sums = NumChunks(chunks.count(), share);
  // For the transpose, [window, out], Gemm reads the columns as they lie and
  // packs dy. With few outputs it would leave most of a vector unused.
  const bool transposed = out >= 16;
  T* const sum =
      Scratch<T, ConvScratch::kSums>(std::max<int64_t>(1, sums) * size);
  if (sums == 0) std::fill_n(sum, size, T{0});
  ParallelFor(chunks.count(), share, [&](int64_t begin, int64_t end) {
    T* const total = sum + begin / share * size;
    for (int64_t i = begin; i < end; ++i) {
      const ConvChunk chunk = chunks[i];
      Matrix<T> images = ImagesOf(s, chunk, dy);
      Matrix<T> columns = Columns(s, chunk, x);
      T* const to =
          i == begin ? total : Scratch<T, ConvScratch::kProduct>(size);
      if (transposed) {
        images.transposed = true;
        Gemm<T>(window, out, chunk.size(), columns, images, to, out);
      } else {
        columns.transposed = true;
        Gemm<T>(out, window, chunk.size(), images, columns, to, window);
      }
      if (i > begin) Accumulate(to, size, total);
    }
  });
  for (int64_t i = 1; i < sums; ++i) Accumulate(sum + i * size, size, sum);
  if (transposed) {
    Transpose(sum, {window, out}, {1, 0}, dw);
  } else {
    std::copy_n(sum, size, dw);
  }
}

#define ADJOINT_INSTANTIATE(T)                                                \
  template void Conv2d(const Conv2dShape&, const T*, const T*, const T*, T*); \
  template void Conv2dInputGradient(const Conv2dShape&, const T*, const T*,   \
                                    T*);                                      \
  template void Conv2dWeightGradient(const Conv2dShape&, const T*, const T*,  \
                                     T*);
ADJOINT_INSTANTIATE(float)
ADJOINT_INSTANTIATE(double)
#undef ADJOINT_INSTANTIATE

}  // namespace adjoint::kernels
