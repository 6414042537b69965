#include "framework/base/sha256.h"

#include <algorithm>
#include <bit>
#include <cstddef>

#include "absl/strings/escaping.h"

namespace adjoint {
namespace {

// The names w, k, a to h and the numbers of the sections are the standard's.
// The first 32 bits of the fractional parts of the cube roots of the first 64
// primes (4.2.2).
constexpr uint32_t kRoundConstants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1,
    0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
    0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
    0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
    0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
    0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
    0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
    0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
    0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

uint32_t LoadBigEndian(const uint8_t* p) {
  return uint32_t{p[0]} << 24 | uint32_t{p[1]} << 16 | uint32_t{p[2]} << 8 |
         uint32_t{p[3]};
}

template <class T>
void StoreBigEndian(T value, uint8_t* p) {
  for (size_t i = sizeof(T); i-- > 0; value >>= 8) {
    p[i] = static_cast<uint8_t>(value);
  }
}

// Adds one block of 64 bytes to the digest (6.2.2).
void Compress(std::array<uint32_t, 8>& state, const uint8_t* block) {
  uint32_t w[64];
  for (int t = 0; t < 16; ++t) w[t] = LoadBigEndian(block + 4 * t);
  for (int t = 16; t < 64; ++t) {
    const uint32_t x = w[t - 15], y = w[t - 2];
    w[t] = (std::rotr(y, 17) ^ std::rotr(y, 19) ^ (y >> 10)) + w[t - 7] +
           (std::rotr(x, 7) ^ std::rotr(x, 18) ^ (x >> 3)) + w[t - 16];
  }
  auto [a, b, c, d, e, f, g, h] = state;
  for (int t = 0; t < 64; ++t) {
    const uint32_t sum1 = std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25);
    const uint32_t choice = (e & f) ^ (~e & g);
    const uint32_t t1 = h + sum1 + choice + kRoundConstants[t] + w[t];
    const uint32_t sum0 = std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22);
    const uint32_t majority = (a & b) ^ (a & c) ^ (b & c);
    h = g;
    g = f;
    f = e;
    e = d + t1;
    d = c;
    c = b;
    b = a;
    a = t1 + sum0 + majority;
  }
  const uint32_t sums[8] = {a, b, c, d, e, f, g, h};
  for (int i = 0; i < 8; ++i) state[i] += sums[i];
}

}  // namespace

void Sha256::Update(absl::string_view bytes) {
  const auto* next = reinterpret_cast<const uint8_t*>(bytes.data());
  size_t left = bytes.size();
  const size_t used = length_ % block_.size();
  length_ += left;
  if (used > 0) {
    const size_t taken = std::min(left, block_.size() - used);
    std::copy_n(next, taken, block_.begin() + used);
    next += taken;
    left -= taken;
    if (used + taken < block_.size()) return;
    Compress(state_, block_.data());
  }
  for (; left >= block_.size(); left -= block_.size(), next += block_.size()) {
    Compress(state_, next);
  }
  std::copy_n(next, left, block_.begin());
}

std::string Sha256::HexDigest() const {
  // The message is followed by a bit 1, by zeros up to 8 bytes before the end
  // of a block, and by its length in bits (5.1.1).
  uint8_t tail[72] = {0x80};
  const size_t used = length_ % block_.size();
  const size_t zeros_end = used < 56 ? 56 - used : 120 - used;
  StoreBigEndian(length_ * 8, tail + zeros_end);
  Sha256 padded = *this;
  padded.Update({reinterpret_cast<const char*>(tail), zeros_end + 8});

  uint8_t digest[32];
  for (int i = 0; i < 8; ++i) StoreBigEndian(padded.state_[i], digest + 4 * i);
  return absl::BytesToHexString(
      {reinterpret_cast<const char*>(digest), sizeof(digest)});
}

std::string Sha256Hex(absl::string_view bytes) {
  Sha256 sha256;
  sha256.Update(bytes);
  return sha256.HexDigest();
}

}  // namespace adjoint
