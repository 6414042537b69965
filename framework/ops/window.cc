#include "framework/ops/window.h"

#include "absl/strings/str_cat.h"
#include "framework/base/error.h"

namespace adjoint {

std::string Extent2d::ToString() const { return absl::StrCat(h, "x", w); }

kernels::Windows WindowsAlong(absl::string_view axis, int64_t extent,
                              int64_t size, int64_t stride, int64_t padding) {
  constexpr int64_t kLimit = int64_t{1} << 31;
  if (size < 1) {
    throw ShapeError(absl::StrCat("the kernel has ", axis, " ", size));
  }
  if (stride < 1 || stride >= kLimit) {
    throw ShapeError(absl::StrCat("stride along the ", axis, " is ", stride));
  }
  if (padding < 0 || padding >= kLimit) {
    throw ShapeError(absl::StrCat("padding along the ", axis, " is ", padding));
  }
  if (extent + 2 * padding < size) {
    throw ShapeError(absl::StrCat("a kernel of ", axis, " ", size,
                                  " does not fit into ", extent, " + 2 * ",
                                  padding));
  }
  return {extent, size, stride, padding};
}

}  // namespace adjoint
