// The checksum of the files that a data set came from.
#ifndef ADJOINT_FRAMEWORK_DATA_CHECKSUM_H_
#define ADJOINT_FRAMEWORK_DATA_CHECKSUM_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace adjoint::data {

// The CRC-32 of some bytes, that of gzip and zlib, and how many they were. It
// finds damage and mistaken files, not malice. Of a compressed file it is that
// of the bytes which it means, so compressing a file does not change it.
struct Checksum {
  uint32_t crc32 = 0;
  uint64_t size = 0;

  // "crc32 1a2b3c4d"
  std::string ToString() const;
};

Checksum ChecksumOf(absl::string_view bytes);

// That of the bytes of `a` followed by those of `b`: what several files have
// when read one after the other.
Checksum Joined(const Checksum& a, const Checksum& b);

}  // namespace adjoint::data

#endif  // ADJOINT_FRAMEWORK_DATA_CHECKSUM_H_
