// What a file of NumPy's says about itself.
#ifndef ADJOINT_FRAMEWORK_IO_NPY_HEADER_H_
#define ADJOINT_FRAMEWORK_IO_NPY_HEADER_H_

#include <cstddef>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "framework/core/shape.h"

namespace adjoint::io {

inline constexpr absl::string_view kNpyMagic("\x93NUMPY", 6);

struct NpyHeader {
  absl::string_view descr;  // Part of the file's contents.
  bool fortran_order = false;
  Shape shape;
  size_t size = 0;      // In bytes, with what precedes the text.
  size_t descr_at = 0;  // Where in the file it is.
};

// Checks all that npy.h says of a file but its dtype and its size. `path` is
// for messages.
absl::StatusOr<NpyHeader> ParseNpyHeader(absl::string_view contents,
                                         absl::string_view path);

}  // namespace adjoint::io

#endif  // ADJOINT_FRAMEWORK_IO_NPY_HEADER_H_
