// The random bits of many blocks at once are those of each, on every processor.

#include "framework/base/philox.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

namespace adjoint {
namespace {

uint32_t Low(uint64_t x) { return static_cast<uint32_t>(x); }
uint32_t High(uint64_t x) { return static_cast<uint32_t>(x >> 32); }

TEST(Philox, ManyAreWhatEachIs) {
  constexpr uint64_t kAll = ~uint64_t{0}, kWord = uint64_t{1} << 32;
  std::vector<uint64_t> first(kPhiloxMany), second(kPhiloxMany);
  for (const uint64_t key : {uint64_t{0}, uint64_t{12345}, kWord + 7, kAll}) {
    // Counters whose lower word, or both, pass their end.
    for (const uint64_t position :
         {uint64_t{0}, kWord - 3, 5 * kWord - 100, kAll - 50}) {
      for (const int64_t n : {0, 1, 2, 3, 7, 8, 9, 100, 255, 256}) {
        PhiloxMany(key, position, n, first.data(), second.data());
        for (int64_t i = 0; i < n; ++i) {
          const uint64_t at = position + i;
          const auto words =
              Philox4x32({Low(at), High(at), 0, 0}, {Low(key), High(key)});
          ASSERT_EQ(first[i], words[1] * kWord + words[0]) << at;
          ASSERT_EQ(second[i], words[3] * kWord + words[2]) << at;
        }
      }
    }
  }
}

}  // namespace
}  // namespace adjoint
