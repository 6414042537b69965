// Random bits are to be the same on every processor.

#include "framework/base/philox.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <vector>

namespace adjoint {
namespace {

using Words = std::array<uint32_t, 4>;

// From Random123's file kat_vectors.
TEST(Philox, GivesThePublishedWords) {
  EXPECT_EQ(Philox4x32({0, 0, 0, 0}, {0, 0}),
            (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(Philox4x32({~0u, ~0u, ~0u, ~0u}, {~0u, ~0u}),
            (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(Philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
                       {0xa4093822, 0x299f31d0}),
            (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Philox, BlockIsMadeOfTheWords) {
  const Words words = Philox4x32({1, 2, 3, 0}, {4, 5});
  constexpr uint64_t kWord = uint64_t{1} << 32;
  EXPECT_EQ(PhiloxBlock(4 + 5 * kWord, 1 + 2 * kWord, 3),
            (std::array<uint64_t, 2>{words[0] + words[1] * kWord,
                                     words[2] + words[3] * kWord}));
}

TEST(Philox, BlocksAreWhatEachIs) {
  constexpr uint64_t kAll = ~uint64_t{0}, kWord = uint64_t{1} << 32;
  std::vector<uint64_t> first(kPhiloxBlocks), second(kPhiloxBlocks);
  for (const uint64_t key : {uint64_t{0}, uint64_t{12345}, kWord + 7, kAll}) {
    // Positions whose lower word, or both, pass their end.
    for (const uint64_t position :
         {uint64_t{0}, kWord - 3, 5 * kWord - 100, kAll - 50}) {
      for (const uint32_t purpose : {0u, 1u, ~0u}) {
        for (const int64_t n : {0, 1, 2, 3, 7, 8, 9, 100, 255, 256}) {
          PhiloxBlocks(key, position, purpose, n, first.data(), second.data());
          for (int64_t i = 0; i < n; ++i) {
            const auto block = PhiloxBlock(key, position + i, purpose);
            ASSERT_EQ(first[i], block[0]) << position + i;
            ASSERT_EQ(second[i], block[1]) << position + i;
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace adjoint
