// The safetensors format: named tensors in a file that holds nothing else.
//
//   offset  bytes  field
//   0       8      N, the length of the header, little-endian
//   8       N      the header: JSON, padded by spaces
//   8 + N          the elements of all tensors, row-major, little-endian
//
//   {"__metadata__": {"made by": "me"},
//    "0.bias": {"dtype": "F32", "shape": [3], "data_offsets": [0, 12]}}
//
// Source: https://github.com/huggingface/safetensors, "Format". PyTorch, JAX,
// MLX and others read and write it.
#ifndef ADJOINT_FRAMEWORK_IO_SAFETENSORS_H_
#define ADJOINT_FRAMEWORK_IO_SAFETENSORS_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "framework/core/tensor.h"

namespace adjoint::io {

struct NamedTensor {
  std::string name;
  Tensor tensor;
};

struct SafetensorsFile {
  std::vector<NamedTensor> tensors;  // In the order of their elements.
  std::map<std::string, std::string> metadata;
};

struct SafetensorsOptions {
  // Whether dtypes that are not ours are taken too where that loses nothing:
  // F16 and BF16 become f32, and I64 becomes i32 if all values fit.
  bool convert = false;
};

// The tensors in the file at `path`. F32, F64 and I32 are ours; another dtype
// is an Unimplemented error that names it and the tensor.
//
// The file is not trusted. What breaks the format is an InvalidArgument error
// of one line that names path, offset and field. Besides the format's own rules
// (the tensors tile the data without hole and overlap, the header has at most
// 100,000,000 bytes, ...) no key occurs twice, all dtypes are known, integers
// are below 2^53, names have at most 1,024 bytes and no control characters,
// shapes have at most 8 axes and 2^59 elements, and there are at most 16,384
// tensors and as many pairs of metadata. Names in messages are escaped. Memory
// stays within twice the file's size and 16 MiB, or three times the size where
// 16 bits become 32, whatever the header declares.
absl::StatusOr<SafetensorsFile> ReadSafetensors(
    const std::string& path, const SafetensorsOptions& options = {});

// The same for the contents of a file; `path` is for messages only.
absl::StatusOr<SafetensorsFile> ParseSafetensors(
    absl::string_view contents, absl::string_view path,
    const SafetensorsOptions& options = {});

// The bytes of a file with these tensors, the widest dtypes first and by name
// within a dtype; equal arguments give equal bytes. InvalidArgument for what
// the reader would refuse, such as a name that occurs twice; throws ValueError
// for an undefined tensor or a ghost.
absl::StatusOr<std::string> EncodeSafetensors(
    absl::Span<const NamedTensor> tensors,
    const std::map<std::string, std::string>& metadata = {});

// Such a file in pieces, which copy nothing: tensors are values.
class SafetensorsPieces {
 public:
  // As EncodeSafetensors, which has the same bytes.
  static absl::StatusOr<SafetensorsPieces> Of(
      absl::Span<const NamedTensor> tensors,
      const std::map<std::string, std::string>& metadata = {});

  // One behind the other they are the file. They live as long as this.
  std::vector<absl::string_view> pieces() const;

 private:
  std::string start_;            // All in front of the elements.
  std::vector<Tensor> tensors_;  // In the order of their elements.
};

// Writes them atomically to `path`. Fails besides as WriteFileAtomically does.
absl::Status WriteSafetensors(
    const std::string& path, absl::Span<const NamedTensor> tensors,
    const std::map<std::string, std::string>& metadata = {});

}  // namespace adjoint::io

#endif  // ADJOINT_FRAMEWORK_IO_SAFETENSORS_H_
