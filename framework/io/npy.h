// NumPy's format: one array in a file.
//
//   offset  bytes   field
//   0       6       \x93NUMPY
//   6       2       version: 1.0, 2.0 or 3.0
//   8       2 or 4  the length of the header, little-endian; 2 in version 1.0
//   then            {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }
//                   with spaces and a newline behind
//   then            the elements
//
// Source: https://numpy.org/doc/1.24/reference/generated/numpy.lib.format.html
#ifndef ADJOINT_FRAMEWORK_IO_NPY_H_
#define ADJOINT_FRAMEWORK_IO_NPY_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "framework/core/tensor.h"

namespace adjoint::io {

// The array in the file at `path`: '<f4' as f32, '<f8' as f64, '<i4' as i32,
// and '<i8', NumPy's own choice for integers, as i32 if all values fit. An
// array in Fortran's order is brought into ours. Other dtypes are Unimplemented
// errors; objects are never read.
//
// The file is not trusted. What breaks the format is an InvalidArgument error
// of one line that names path, offset and field. The header has at most 65,536
// bytes and exactly the three keys, each once; the shape has at most 8 axes and
// 2^59 elements, whose bytes are exactly the rest of the file. Memory stays
// within twice the file's size and 16 MiB, whatever the header declares.
absl::StatusOr<Tensor> ReadNpy(const std::string& path);

// The same for the contents of a file; `path` is for messages only.
absl::StatusOr<Tensor> ParseNpy(absl::string_view contents,
                                absl::string_view path);

// An array of bytes, row-major, such as the pixels of images.
struct ByteArray {
  Shape shape;
  std::vector<uint8_t> bytes;
};

// The array of '|u1' in the file at `path`; other dtypes, and several axes in
// Fortran's order, are Unimplemented errors. Otherwise as ReadNpy.
absl::StatusOr<ByteArray> ReadNpyBytes(const std::string& path);
absl::StatusOr<ByteArray> ParseNpyBytes(absl::string_view contents,
                                        absl::string_view path);

// The bytes of a file of version 1.0. Throws ValueError for an undefined tensor
// or a ghost.
std::string EncodeNpy(const Tensor& x);

// Writes EncodeNpy(x) atomically to `path`.
absl::Status WriteNpy(const std::string& path, const Tensor& x);

}  // namespace adjoint::io

#endif  // ADJOINT_FRAMEWORK_IO_NPY_H_
