// SHA-256 (FIPS 180-4).
#ifndef ADJOINT_FRAMEWORK_BASE_SHA256_H_
#define ADJOINT_FRAMEWORK_BASE_SHA256_H_

#include <array>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace adjoint {

// The digest of bytes given piece by piece.
class Sha256 {
 public:
  void Update(absl::string_view bytes);

  // The digest of all bytes given so far as 64 lower-case hexadecimal digits.
  std::string HexDigest() const;

 private:
  std::array<uint32_t, 8> state_ = {0x6a09e667, 0xbb67ae85, 0x3c6ef372,
                                    0xa54ff53a, 0x510e527f, 0x9b05688c,
                                    0x1f83d9ab, 0x5be0cd19};
  std::array<uint8_t, 64> block_ = {};  // The last, unfinished block.
  uint64_t length_ = 0;                 // Bytes given so far.
};

// The digest of `bytes`.
std::string Sha256Hex(absl::string_view bytes);

}  // namespace adjoint

#endif  // ADJOINT_FRAMEWORK_BASE_SHA256_H_
