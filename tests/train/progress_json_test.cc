#include "framework/train/progress_json.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"

namespace adjoint::train {
namespace {

TEST(ProgressJson, GivesBackEveryNumber) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  Progress p;
  p.batch = 3;
  p.step = 1'000'000'007;
  p.rng = Rng::State{~uint64_t{0}, 12345678901234567890u};
  p.train = Metrics(Metrics::Sums{7, 6, 5, 0.1, {{"kl \"x\"", -kInfinity}}});
  p.epoch_seconds = 1e-300;
  p.rate_factor = 0.125;
  p.norms.mean = 1.0 / 3;
  p.epochs.push_back({.epoch = 1, .epochs = 9, .best = true});
  p.undone_best = EpochReport{.epoch = 4, .total_seconds = 0.1};
  const std::string text = ToJson(p);
  const auto back = ProgressFromJson(text);
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(ToJson(*back), text);
  EXPECT_EQ(back->rng, p.rng);
  EXPECT_EQ(back->train.sums().loss, 0.1);
  EXPECT_EQ(back->train.parts()[0].value, -kInfinity);
  EXPECT_EQ(back->norms.mean, 1.0 / 3);
  EXPECT_TRUE(back->epochs[0].best);
  EXPECT_EQ(back->undone_best->epoch, 4);
  EXPECT_EQ(back->undone_best->total_seconds, 0.1);
}

TEST(ProgressJson, RefusesWhatItDoesNotWrite) {
  const std::string good = ToJson({});
  for (const auto& [from, to] :
       std::vector<std::pair<std::string, std::string>>{
           {"\"step\":0", "\"step\":-1"},
           {"\"step\":0", "\"step\":0.5"},
           {"\"step\":0", "\"step\":\"0\""},
           {"\"step\":0,", ""},
           {"\"rng\":null", "\"rng\":[1]"},
           {"\"epochs\":[]", "\"epochs\":{}"},
           {"\"epochs\":[]", "\"epochs\":[{}]"},
           {"\"epochs\":[]", "\"epochs\":[],\"undone_best\":{}"},
           {"\"mean_norm\":0.0", "\"mean_norm\":\"much\""},
           {"}", ""}}) {
    std::string bad = good;
    const size_t at = bad.find(from);
    ASSERT_NE(at, std::string::npos) << from << " in " << good;
    bad.replace(at, from.size(), to);
    EXPECT_FALSE(ProgressFromJson(bad).ok()) << bad;
  }
}

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
