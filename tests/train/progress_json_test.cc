#include "framework/train/progress_json.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"

namespace adjoint::train {
namespace {

// Found by //tests/fuzz:progress_fuzzer: no integer holds some of these.
TEST(ProgressJson, RefusesNumbersThatAreNoIntegers) {
  const std::string good = ToJson(
      {.step = 7, .rng = Rng::State{.key = ~uint64_t{0}, .position = 5}});
  ASSERT_TRUE(ProgressFromJson(good).ok());
  for (const char* number : {"1.5", "1e300", "-1e300", "-1"}) {
    for (const char* was : {"\"step\":7", "18446744073709551615"}) {
      const std::string to =
          *was == '"' ? std::string("\"step\":") + number : number;
      const std::string bad = absl::StrReplaceAll(good, {{was, to}});
      ASSERT_NE(bad, good);
      EXPECT_FALSE(ProgressFromJson(bad).ok()) << bad;
    }
  }
}

TEST(ProgressJson, SaysWhatIsWrongWithoutTheBytesThatAre) {
  for (const char* bad : {"\x1b[2J", "\"\x1b[2J", "[\"\xff", "\xc2\x9b"}) {
    const std::string said(ProgressFromJson(bad).status().message());
    EXPECT_TRUE(absl::StrContains(said, "parse error")) << said;
    EXPECT_EQ(said.find_first_of("\x1b\xff\x9b"), said.npos) << said;
  }
  // Nor with as many bytes as there are.
  const std::string bad = "\"" + std::string(100000, 'a') + "\x01\"";
  EXPECT_LT(ProgressFromJson(bad).status().message().size(), 400u);
}

}  // namespace
}  // namespace adjoint::train
