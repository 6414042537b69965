#include "framework/train/checkpoint.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "framework/adjoint.h"
#include "framework/base/file.h"
#include "tests/train/saved_training.h"

namespace adjoint::train {
namespace {

// The epochs' losses, to the bit.
std::vector<double> Losses(const TrainResult& result) {
  std::vector<double> losses;
  for (const EpochReport& r : result.epochs) {
    losses.push_back(r.train.loss());
    losses.push_back(r.test.loss());
    losses.push_back(r.best);
  }
  return losses;
}

TEST(Checkpoint, ARunThatIsStoppedAfterAnyStepGoesOnAsIfItHadNotBeen) {
  Training whole;
  const TrainResult expected = whole.Run(whole.Options());
  ASSERT_EQ(expected.exit_reason, "completed");
  ASSERT_EQ(expected.steps, 9);  // ceil(ceil(46 / 8) / 2) = 3 an epoch.

  const std::string path = absl::StrCat(testing::TempDir(), "/stopped");
  for (int64_t stop = 1; stop <= 9; ++stop) {
    Training first;
    TrainOptions options = first.Options();
    options.on_step = [&](const StepReport& report) {
      if (report.step < stop) return Next::kGoOn;
      EXPECT_TRUE(SaveCheckpoint(path, first.state, report.progress).ok());
      return Next::kStop;
    };
    EXPECT_EQ(first.Run(options).exit_reason, "stopped");

    Training second(77);  // Other weights, until the checkpoint is loaded.
    SetNumThreads(1 + static_cast<int>(stop % 3));
    options = second.Options();
    const auto progress = LoadCheckpoint(path, second.state);
    ASSERT_TRUE(progress.ok()) << progress.status();
    options.resume = *progress;
    const TrainResult result = second.Run(options);
    SetNumThreads(0);
    EXPECT_EQ(result.exit_reason, "completed");
    EXPECT_EQ(result.steps, 9);
    EXPECT_EQ(second.Values(), whole.Values()) << "stopped after " << stop;
    EXPECT_EQ(Losses(result), Losses(expected)) << "stopped after " << stop;
  }
}

TEST(Checkpoint, ARunGoesOnBehindAnEpoch) {
  Training whole, first, second(77);
  whole.Run(whole.Options());
  const std::string path = absl::StrCat(testing::TempDir(), "/epoch");
  TrainOptions options = first.Options();
  options.on_progress = [&](const Progress& progress) {
    EXPECT_TRUE(SaveCheckpoint(path, first.state, progress).ok());
    return Next::kStop;
  };
  EXPECT_EQ(first.Run(options).epochs.size(), 1u);
  options = second.Options();
  options.resume = LoadCheckpoint(path, second.state).value();
  EXPECT_EQ(second.Run(options).epochs.size(), 3u);
  EXPECT_EQ(second.Values(), whole.Values());
}

TEST(Checkpoint, EveryDamagedByteIsNoticedAndChangesNothing) {
  Training training;
  const std::string path = absl::StrCat(testing::TempDir(), "/damaged");
  ASSERT_TRUE(SaveCheckpoint(path, training.state, {}).ok());
  const std::string good = ReadFile(path).value();
  Training other(77);
  const std::vector<float> before = other.Values();
  for (size_t i = 0; i < good.size(); i += 13) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 4);
    ASSERT_TRUE(WriteFileAtomically(path, bad).ok());
    const auto loaded = LoadCheckpoint(path, other.state);
    // A blank for a blank is the only change that means nothing.
    ASSERT_FALSE(loaded.ok()) << "byte " << i;
    ASSERT_TRUE(absl::StrContains(loaded.status().message(), path));
  }
  ASSERT_TRUE(WriteFileAtomically(path, good.substr(0, 500)).ok());
  EXPECT_FALSE(LoadCheckpoint(path, other.state).ok());
  EXPECT_EQ(other.Values(), before);
}

TEST(Checkpoint, OfAnotherOptimizerIsRefusedByTheNamesOfItsState) {
  Training training;
  const std::string path = absl::StrCat(testing::TempDir(), "/adam");
  ASSERT_TRUE(SaveCheckpoint(path, training.state, {}).ok());
  optim::Sgd sgd({.learning_rate = 0.1, .momentum = 0.9});
  const auto loaded =
      LoadCheckpoint(path, {training.model, sgd, &training.ema});
  ASSERT_FALSE(loaded.ok());
  EXPECT_TRUE(absl::StrContains(loaded.status().message(),
                                "missing: \"optimizer/velocity/0.weight\""))
      << loaded.status();
}

}  // namespace
}  // namespace adjoint::train
