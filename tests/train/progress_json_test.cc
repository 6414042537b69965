#include "framework/train/progress_json.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

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

}  // namespace
}  // namespace adjoint::train
