// The rows of an image as pool.cc computes on them.
#ifndef ADJOINT_FRAMEWORK_KERNELS_POOL_ROWS_H_
#define ADJOINT_FRAMEWORK_KERNELS_POOL_ROWS_H_

#include <algorithm>
#include <cstdint>

#include "framework/kernels/lanes.h"
#include "framework/kernels/scratch.h"
#include "framework/kernels/windows.h"

namespace adjoint::kernels {

// The elements along an axis that the windows at r see.
struct Seen {
  Seen(const Windows& along, int64_t r)
      : first(std::max<int64_t>(0, along.At(r, 0))),
        last(std::min(along.extent, along.At(r, along.size))) {}
  int64_t size() const { return last - first; }
  int64_t first, last;
};

// What memory of a thread is for.
enum class RowScratch { kRows };

// Memory for rows of a plane. Of all, the lanes behind the last element are
// computed, too: a row is often shorter than a vector.
//
// Element j of window q stands at q stride + j of the padded row. So that those
// of one j are adjacent, the row is split into as many phases as the stride
// has.
template <class T>
struct RowMemory {
  const int64_t columns, windows;
  const int64_t stride;
  const int64_t used, length;  // Of a phase: what windows see, and all.
  T* padded;  // A row with its padding, from the first window's first element.
  T* image;   // The part of it that lies in the image.
  T* next;    // Another row.
  T* phases;  // padded itself if there is but one.
  T *value, *count;  // Of each window.

  // All elements are `identity`.
  RowMemory(const Windows& w, T identity)
      : columns(RoundUpToLanes(w.extent)),
        windows(RoundUpToLanes(w.count)),
        stride(w.count == 1 ? 1 : w.stride),  // It may be anything with one.
        used(w.count + w.size / stride),
        length(windows + RoundUpToLanes(w.size / stride)) {
    const int64_t room = std::max(w.padding + columns, length * stride);
    const int64_t all = 2 * room + columns + 2 * windows;
    padded = Scratch<T, RowScratch::kRows>(all);
    image = padded + w.padding;
    next = padded + room;
    value = next + columns;
    count = value + windows;
    phases = stride == 1 ? padded : count + windows;
    std::fill_n(padded, all, identity);
  }

  // The elements j of all windows.
  T* Element(int64_t j) const {
    return phases + j % stride * length + j / stride;
  }

  void Split() {
    if (stride == 2) return SplitInTwo(padded, length, phases);
    if (stride == 1) return;
    for (int64_t f = 0; f < stride; ++f) {
      for (int64_t k = 0; k < used; ++k) {
        phases[f * length + k] = padded[k * stride + f];
      }
    }
  }
  void Join() {
    if (stride == 2) return JoinTwo(phases, length, padded);
    if (stride == 1) return;
    for (int64_t f = 0; f < stride; ++f) {
      for (int64_t k = 0; k < used; ++k) {
        padded[k * stride + f] = phases[f * length + k];
      }
    }
  }

 private:
  static void SplitInTwo(const T* __restrict x, int64_t n, T* __restrict y) {
    for (int64_t i = 0; i < n; ++i) {
      y[i] = x[2 * i];
      y[n + i] = x[2 * i + 1];
    }
  }
  static void JoinTwo(const T* __restrict x, int64_t n, T* __restrict y) {
    for (int64_t i = 0; i < n; ++i) {
      y[2 * i] = x[i];
      y[2 * i + 1] = x[n + i];
    }
  }
};

}  // namespace adjoint::kernels

#endif  // ADJOINT_FRAMEWORK_KERNELS_POOL_ROWS_H_
