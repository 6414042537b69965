#include "framework/io/crc32c.h"

#include <array>

namespace adjoint::io {
namespace {

// What a byte in the low bits does to the remainder.
constexpr std::array<uint32_t, 256> kTable = [] {
  constexpr uint32_t kPolynomial = 0x82f63b78;  // Bits reversed.
  std::array<uint32_t, 256> table = {};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t r = i;
    for (int bit = 0; bit < 8; ++bit) {
      r = r >> 1 ^ ((r & 1) != 0 ? kPolynomial : 0);
    }
    table[i] = r;
  }
  return table;
}();

}  // namespace

uint32_t Crc32c(absl::string_view bytes) {
  uint32_t crc = ~uint32_t{0};
  for (const char c : bytes) {
    crc = crc >> 8 ^ kTable[(crc ^ static_cast<uint8_t>(c)) & 0xff];
  }
  return ~crc;
}

}  // namespace adjoint::io
