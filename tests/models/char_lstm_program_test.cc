// The character-level language model: what it samples, and the texts that it
// takes and refuses.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "framework/adjoint.h"
#include "framework/base/file.h"
#include "models/char_lstm/model.h"
#include "models/char_lstm/program.h"
#include "models/char_lstm/sample.h"

namespace adjoint::models {
namespace {

std::string Path(const std::string& name) {
  return ::testing::TempDir() + "/" + name;
}

std::string Write(const std::string& name, const std::string& text) {
  std::ofstream(Path(name)) << text;
  return Path(name);
}

std::string ErrorFor(const std::string& text) {
  return std::string(
      MakeCharLstm({.text = text, .length = 10}, {}).status().message());
}

// As it begins, without training.
CharLstm Model() {
  Rng rng(5);
  return CharLstm({.characters = 7, .embedding = 6, .hidden = 12, .layers = 2},
                  rng);
}

TEST(CharLstmProgram, RefusesATextThatIsMissingOrTooShortAndNamesIt) {
  const std::string missing = Path("nowhere.txt");
  EXPECT_TRUE(absl::StrContains(ErrorFor(missing), missing));
  EXPECT_TRUE(
      absl::StrContains(ErrorFor(::testing::TempDir()), ::testing::TempDir()));
  const std::string empty = Write("empty.txt", "");
  EXPECT_EQ(ErrorFor(empty), empty +
                                 ": 0 characters of text; windows of 10 need "
                                 "at least 22");
  EXPECT_TRUE(absl::StrContains(
      ErrorFor(Write("short.txt", std::string(21, 'x'))), "at least 22"));
  EXPECT_EQ(ErrorFor(Write("enough.txt", std::string(22, 'x'))), "");
}

TEST(CharLstmProgram, SplitsTheLastTwentiethOfATextOffInItsOwnOrder) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text.push_back("abc\n"[i % 4]);
  const auto task =
      MakeCharLstm({.text = Write("long.txt", text), .length = 10}, {});
  ASSERT_TRUE(task.ok()) << task.status();
  EXPECT_EQ((*task)->train_data().size(), 94);  // (950 - 1) / 10
  EXPECT_EQ((*task)->test_data().size(), 4);    // (50 - 1) / 10
  // In the order of bytes \n is 0, a 1, b 2 and c 3.
  const data::Batch batch = (*task)->train_data().Gather({1});
  EXPECT_EQ(std::vector<int32_t>(batch.x.data<int32_t>().begin(),
                                 batch.x.data<int32_t>().end()),
            (std::vector<int32_t>{3, 0, 1, 2, 3, 0, 1, 2, 3, 0}));
}

TEST(CharLstmSample, IsAFunctionOfTheSeedAndNotOfTheThreads) {
  const CharLstm model = Model();
  const auto sample = [&](uint64_t seed) {
    Rng rng(seed);
    return Sample(model, 0, {.length = 50, .temperature = 1}, rng);
  };
  SetNumThreads(1);
  const std::vector<int32_t> want = sample(1);
  EXPECT_EQ(want.size(), 50u);
  EXPECT_NE(sample(2), want);
  SetNumThreads(4);
  EXPECT_EQ(sample(1), want);
  SetNumThreads(0);
}

// Reading its own text at once must tell what reading it step by step did.
TEST(CharLstmSample, TakesTheLikeliestCharacterAtATemperatureNearZero) {
  const CharLstm model = Model();
  Rng rng(1);
  const std::vector<int32_t> text =
      Sample(model, 3, {.length = 20, .temperature = 1e-9}, rng);
  ASSERT_EQ(text.size(), 20u);
  std::vector<int32_t> read = {3};
  read.insert(read.end(), text.begin(), text.end() - 1);
  const Tensor logits = model(FromSpan<int32_t>({1, 20}, read));
  const float* z = logits.data<float>().data();
  for (int t = 0; t < 20; ++t, z += 7) {
    EXPECT_EQ(std::max_element(z, z + 7) - z, text[t]) << "time " << t;
  }
}

// With a temperature of 1 the first character has the model's distribution.
TEST(CharLstmSample, DrawsFromTheSoftmaxOfTheLogits) {
  const CharLstm model = Model();
  const Tensor p = Softmax(model(FromValues<int32_t>({1, 1}, {2})));
  constexpr int kDraws = 4000;
  std::vector<int> counts(7);
  Rng rng(1);
  for (int i = 0; i < kDraws; ++i) {
    ++counts[Sample(model, 2, {.length = 1, .temperature = 1}, rng)[0]];
  }
  for (int c = 0; c < 7; ++c) {
    // Five standard deviations of a frequency are at most 0.04.
    EXPECT_NEAR(counts[c] / double{kDraws}, p.data<float>()[c], 0.04);
  }
}

TEST(CharLstmProgram, ShowsWordsThatWereNotInTheTrainingText) {
  const auto task = MakeCharLstm({}, {.tiny = true});
  ASSERT_TRUE(task.ok());
  optim::Adam adam({.learning_rate = 0.02});
  train::Train((*task)->model(), train::ObjectiveOf(**task), adam,
               (*task)->train_data(), (*task)->test_data(), {.epochs = 50});
  const auto shown = (*task)->Show(::testing::TempDir());
  ASSERT_TRUE(shown.ok()) << shown.status();
  const auto samples = ReadFile(Path("samples.txt"));
  ASSERT_TRUE(samples.ok());
  EXPECT_TRUE(absl::StrContains(*shown, *samples));
  const std::vector<std::string> lines = absl::StrSplit(*samples, '\n');
  ASSERT_EQ(lines.size(), 21u);  // The last newline ends the file.
  std::set<std::string> seen = {"stone", "notes", "tones", "onset", ""};
  for (size_t i = 0; i + 1 < lines.size(); ++i) {
    EXPECT_TRUE(seen.insert(lines[i]).second) << lines[i];
  }
  EXPECT_EQ((*task)->Show(::testing::TempDir()).value(), *shown);
}

}  // namespace
}  // namespace adjoint::models
