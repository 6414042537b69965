// Windows that slide along one axis of an image, as those of a convolution or
// of a pooling do.
#ifndef ADJOINT_FRAMEWORK_KERNELS_WINDOWS_H_
#define ADJOINT_FRAMEWORK_KERNELS_WINDOWS_H_

#include <algorithm>
#include <cstdint>

namespace adjoint::kernels {

// Window i is [i * stride - padding, i * stride - padding + size); what of it
// lies outside [0, extent) is padding.
struct Windows {
  // REQUIRES: size, stride >= 1; extent, padding >= 0; all less than 2^60;
  // extent + 2 * padding >= size.
  Windows(int64_t extent, int64_t size, int64_t stride, int64_t padding)
      : extent(extent),
        size(size),
        stride(stride),
        padding(padding),
        count((extent + 2 * padding - size) / stride + 1) {}

  // Where element k of window i lies in the image, if it lies inside.
  int64_t At(int64_t i, int64_t k) const { return i * stride - padding + k; }

  struct Range {
    int64_t size() const { return last - first; }
    int64_t first, last;
  };

  // The elements [first, last) of the image that window i sees.
  Range Seen(int64_t i) const {
    return {std::max<int64_t>(0, At(i, 0)), std::min(extent, At(i, size))};
  }

  // The windows [first, last) that see elements of [begin, end), if there are
  // any, found from those of earlier ones: to divide takes too long.
  Range Seeing(int64_t begin, int64_t end, Range earlier) const {
    auto [first, last] = earlier;
    while (last < count && At(last, 0) < end) ++last;
    while (first < last && At(first, size) <= begin) ++first;
    return {first, last};
  }

  // The windows [first, last) whose element k lies inside the image.
  Range Inside(int64_t k) const {
    // Most often all; a division takes as long as a short row.
    int64_t first = 0, last = count;
    if (At(0, k) < 0) first = std::min(count, (padding - k - 1) / stride + 1);
    if (At(count - 1, k) >= extent) {
      const int64_t end = extent + padding - k;
      last = std::max(first, end > 0 ? (end - 1) / stride + 1 : 0);
    }
    return {first, last};
  }

  const int64_t extent;  // Of the image.
  const int64_t size;    // Of a window.
  const int64_t stride, padding;
  const int64_t count;  // Of windows, at least 1.
};

}  // namespace adjoint::kernels

#endif  // ADJOINT_FRAMEWORK_KERNELS_WINDOWS_H_
