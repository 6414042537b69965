// What a safetensors file says about itself, checked against the file.
#ifndef ADJOINT_FRAMEWORK_IO_SAFETENSORS_HEADER_H_
#define ADJOINT_FRAMEWORK_IO_SAFETENSORS_HEADER_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "framework/core/shape.h"

namespace adjoint::io {

// An element type of the format; few are ours.
struct SafetensorsDType {
  absl::string_view name;
  int bits;  // Of one element; below 8 several share a byte.
};

struct SafetensorsEntry {
  std::string name;
  const SafetensorsDType* dtype = nullptr;
  Shape shape;
  int64_t begin = 0, end = 0;  // Offsets of the elements behind the header.
  size_t at = 0;               // Where in the file the entry's name is.
};

struct SafetensorsHeader {
  std::map<std::string, std::string> metadata;
  std::vector<SafetensorsEntry> entries;  // In the order of their elements.
  size_t size = 0;  // In bytes, with the eight of its length.
};

// At most so many tensors, and so many pairs of metadata: what they take beyond
// their own text then stays within 16 MiB.
inline constexpr size_t kMaxSafetensors = 16384;

// Checks all that safetensors.h says of a file but that we know the dtypes.
// `start` is that of a file of `size` bytes: all of it, or at least its header.
// `path` is for messages.
absl::StatusOr<SafetensorsHeader> ParseSafetensorsHeader(
    absl::string_view start, size_t size, absl::string_view path);

// What is wrong with a tensor's name; empty if nothing is.
absl::string_view FaultOfName(absl::string_view name);

}  // namespace adjoint::io

#endif  // ADJOINT_FRAMEWORK_IO_SAFETENSORS_HEADER_H_
