#include "framework/data/checksum.h"

#include <zlib.h>

#include "absl/strings/str_cat.h"

namespace adjoint::data {

std::string Checksum::ToString() const {
  return absl::StrCat("crc32 ", absl::Hex(crc32, absl::kZeroPad8));
}

Checksum ChecksumOf(absl::string_view bytes) {
  const auto* data = reinterpret_cast<const Bytef*>(bytes.data());
  return {static_cast<uint32_t>(crc32_z(0, data, bytes.size())), bytes.size()};
}

Checksum Joined(const Checksum& a, const Checksum& b) {
  return {static_cast<uint32_t>(
              crc32_combine(a.crc32, b.crc32, static_cast<z_off_t>(b.size))),
          a.size + b.size};
}

}  // namespace adjoint::data
