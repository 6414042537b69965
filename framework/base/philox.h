// Philox 4x32-10, the generator behind rng.h (Salmon, Moraes, Dror and Shaw
// 2011, "Parallel random numbers: as easy as 1, 2, 3").
#ifndef ADJOINT_FRAMEWORK_BASE_PHILOX_H_
#define ADJOINT_FRAMEWORK_BASE_PHILOX_H_

#include <array>
#include <cstdint>

namespace adjoint {

// Each round multiplies two words of the counter by these, and each round's key
// is that of the round before plus the second pair.
inline constexpr std::array<uint32_t, 2> kPhiloxFactors = {0xD2511F53,
                                                           0xCD9E8D57};
inline constexpr std::array<uint32_t, 2> kPhiloxSteps = {
    0x9E3779B9,   // The golden ratio.
    0xBB67AE85};  // sqrt(3) - 1.
inline constexpr int kPhiloxRounds = 10;

// All rounds: a bijection of `counter` chosen by `key`.
inline std::array<uint32_t, 4> Philox4x32(std::array<uint32_t, 4> counter,
                                          std::array<uint32_t, 2> key) {
  for (int round = 0; round < kPhiloxRounds; ++round) {
    const uint64_t a = uint64_t{kPhiloxFactors[0]} * counter[0];
    const uint64_t b = uint64_t{kPhiloxFactors[1]} * counter[2];
    counter = {static_cast<uint32_t>(b >> 32) ^ counter[1] ^ key[0],
               static_cast<uint32_t>(b),
               static_cast<uint32_t>(a >> 32) ^ counter[3] ^ key[1],
               static_cast<uint32_t>(a)};
    key[0] += kPhiloxSteps[0];
    key[1] += kPhiloxSteps[1];
  }
  return counter;
}

// What the counter {position, purpose, 0} gives, as two numbers of 64 bits. The
// less significant words come first, in position and key as well.
inline std::array<uint64_t, 2> PhiloxBlock(uint64_t key, uint64_t position,
                                           uint32_t purpose) {
  const auto low = [](uint64_t x) { return static_cast<uint32_t>(x); };
  const auto high = [](uint64_t x) { return static_cast<uint32_t>(x >> 32); };
  const std::array<uint32_t, 4> words = Philox4x32(
      {low(position), high(position), purpose, 0}, {low(key), high(key)});
  return {uint64_t{words[1]} << 32 | words[0],
          uint64_t{words[3]} << 32 | words[2]};
}

// The same for n positions from `position` on, much faster: first[i] and
// second[i] are what position + i gives.
//
// REQUIRES: 0 <= n <= kPhiloxBlocks; there is room for so many in both.
inline constexpr int64_t kPhiloxBlocks = 256;
void PhiloxBlocks(uint64_t key, uint64_t position, uint32_t purpose, int64_t n,
                  uint64_t* first, uint64_t* second);

}  // namespace adjoint

#endif  // ADJOINT_FRAMEWORK_BASE_PHILOX_H_
