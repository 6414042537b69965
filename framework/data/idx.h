// The IDX format: one array of numbers in a file, as MNIST is published.
//
//   offset  bytes  field
//   0       2      zero
//   2       1      type of the elements, an IdxType
//   3       1      rank, 1 to 4
//   4       4 each the dimensions, big-endian
//   then           the elements, big-endian, the last dimension fastest
//
// Source: http://yann.lecun.com/exdb/mnist/, "The IDX file format".
#ifndef ADJOINT_FRAMEWORK_DATA_IDX_H_
#define ADJOINT_FRAMEWORK_DATA_IDX_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "framework/data/checksum.h"

namespace adjoint::data {

// The type of the elements; the values are the codes in the file.
enum class IdxType : uint8_t {
  kU8 = 0x08,
  kI8 = 0x09,
  kI16 = 0x0B,
  kI32 = 0x0C,
  kF32 = 0x0D,
  kF64 = 0x0E,
};

// The bytes of one element (0 for a code that is none of the above), and its
// name: "u8", "f32".
int64_t IdxTypeSize(IdxType type);
absl::string_view IdxTypeName(IdxType type);

struct IdxArray {
  IdxType type = IdxType::kU8;
  std::vector<int64_t> shape;  // 1 to 4 dimensions, each 0 to 2^28.
  std::vector<uint8_t> bytes;  // The elements, row-major, in host byte order.
  Checksum checksum;           // Of the file, uncompressed.
};

// The array in the file at `path`, plain or compressed by gzip; which of the
// two is decided by the contents, not by the name.
//
// The file is not trusted. Any byte that breaks the format, is missing or is
// too many is an InvalidArgument error of one line that names path, offset and
// field; a gzip file must be a single member whose checksum and length are
// right. Memory stays within nine times the file's size, three times the bytes
// that it really holds and 128 KiB, whatever its header declares. A gzip file
// holds less than 4 GiB, the largest length that its own check can express.
absl::StatusOr<IdxArray> ReadIdx(const std::string& path);

// The same for the contents of a file; `path` is for messages only.
absl::StatusOr<IdxArray> ParseIdx(absl::string_view contents,
                                  absl::string_view path);

}  // namespace adjoint::data

#endif  // ADJOINT_FRAMEWORK_DATA_IDX_H_
