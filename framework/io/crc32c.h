// The checksum CRC-32C (Castagnoli), as of RFC 3720, appendix B.4.
#ifndef ADJOINT_FRAMEWORK_IO_CRC32C_H_
#define ADJOINT_FRAMEWORK_IO_CRC32C_H_

#include <cstdint>

#include "absl/strings/string_view.h"

namespace adjoint::io {

uint32_t Crc32c(absl::string_view bytes);

}  // namespace adjoint::io

#endif  // ADJOINT_FRAMEWORK_IO_CRC32C_H_
