// What the ops that slide a window over images have in common.
#ifndef ADJOINT_FRAMEWORK_OPS_WINDOW_H_
#define ADJOINT_FRAMEWORK_OPS_WINDOW_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "framework/kernels/windows.h"

namespace adjoint {

// A height and a width. One number stands for both: `.stride = 2` is
// `.stride = {2, 2}`.
struct Extent2d {
  constexpr Extent2d(int64_t both) : h(both), w(both) {}  // NOLINT: implicit
  constexpr Extent2d(int64_t h, int64_t w) : h(h), w(w) {}

  std::string ToString() const;  // "3x2", the height first.

  friend bool operator==(const Extent2d& a, const Extent2d& b) {
    return a.h == b.h && a.w == b.w;
  }

  int64_t h, w;
};

// The windows along one axis, named `axis` in errors. Throws ShapeError unless
// size and stride are at least 1, stride and padding in [0, 2^31), and a window
// fits into the padded extent.
kernels::Windows WindowsAlong(absl::string_view axis, int64_t extent,
                              int64_t size, int64_t stride, int64_t padding);

}  // namespace adjoint

#endif  // ADJOINT_FRAMEWORK_OPS_WINDOW_H_
