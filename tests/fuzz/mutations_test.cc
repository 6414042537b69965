// What a fuzzer would find soon, in every test run: files damaged at random,
// the same ones each time.
#include <gtest/gtest.h>

#include <algorithm>
#include <exception>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "tests/fuzz/target.h"

namespace adjoint::fuzz {
namespace {

constexpr int kFiles = 100000;

using Bits = std::mt19937;

// What matters to some format: ends of ranges, and the signs of texts.
char Telling(Bits& bits) {
  constexpr char kBytes[] =
      "\x01\x7f\x80\xff\"\\,:;{}[]()'\n\r -+.019eEinfau\xef";  // And 0.
  return kBytes[bits() % sizeof(kBytes)];
}

// One change. `others` lend their parts.
void Damage(std::string& file, const std::vector<std::string>& others,
            Bits& bits) {
  const size_t at = bits() % (file.size() + 1);
  const size_t n = 1 + bits() % std::min<size_t>(64, file.size() + 1);
  const std::string& other = others[bits() % others.size()];
  switch (bits() % 8) {
    case 0:
      file.resize(at);
      break;
    case 1:
      file.erase(at, n);
      break;
    case 2:
      file.insert(at, file.substr(bits() % (file.size() + 1), n));
      break;
    case 3:
      file.insert(at, 1, Telling(bits));
      break;
    case 4:
      file = file.substr(0, at) + other.substr(bits() % (other.size() + 1));
      break;
    case 5:
      if (at < file.size()) file[at] = Telling(bits);
      break;
    default:
      if (at < file.size()) file[at] ^= 1 << bits() % 8;
  }
}

// Whether the parser takes the file; a broken promise fails the test.
bool Takes(const std::string& file) {
  try {
    return Fuzz(file);
  } catch (const std::exception& error) {
    ADD_FAILURE() << error.what() << "\nfor \"" << absl::CHexEscape(file)
                  << "\"";
    return false;
  }
}

TEST(Parser, TakesTheSeeds) {
  for (const std::string& seed : Seeds()) {
    EXPECT_TRUE(Takes(seed)) << absl::CHexEscape(seed.substr(0, 200));
  }
}

TEST(Parser, KeepsItsPromisesForDamagedFiles) {
  const std::vector<std::string> seeds = Seeds();
  Bits bits(20260101);
  int taken = 0;
  for (int i = 0; i < kFiles && !testing::Test::HasFailure(); ++i) {
    std::string file = seeds[bits() % seeds.size()];
    for (int changes = 1 + bits() % 3; changes > 0; --changes) {
      Damage(file, seeds, bits);
    }
    taken += Takes(file);
  }
  // Damage that is always noticed, or never, would show nothing.
  EXPECT_GT(taken, 0);
  EXPECT_LT(taken, kFiles);
}

TEST(Parser, KeepsItsPromisesForAFileCutAnywhere) {
  for (const std::string& seed : Seeds()) {
    const size_t step = 1 + seed.size() / 1000;
    for (size_t n = 0; n < seed.size() && !testing::Test::HasFailure();
         n += step) {
      Takes(seed.substr(0, n));
    }
  }
}

}  // namespace
}  // namespace adjoint::fuzz
