#include "framework/train/checkpoint.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <limits>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "framework/adjoint.h"
#include "framework/base/file.h"
#include "framework/train/progress_json.h"

namespace adjoint::train {
namespace {

std::string NewFolder(const std::string& name) {
  const std::string folder = absl::StrCat(testing::TempDir(), "/", name);
  std::filesystem::remove_all(folder);
  return folder;
}

data::TensorDataset Points(uint64_t seed) {
  Rng rng(seed);
  const Tensor x = RandomUniform({46, 5}, -1, 1, rng);
  return {x, Square(Sum(x, {1}))};
}

// A training with all there is to save: dropout's random numbers, running
// statistics, two moments, averages.
struct Training {
  explicit Training(uint64_t seed = 1) : rng(seed) {}

  Rng rng;
  nn::Sequential model =
      nn::Sequential(nn::Linear(5, 12, rng), nn::BatchNorm(12), nn::Tanh(),
                     nn::Dropout(0.3), nn::Linear(12, 1, rng), nn::Flatten());
  optim::Adam adam = optim::Adam({.learning_rate = 0.01});
  optim::Ema ema = optim::Ema(model, {.decay = 0.9});
  const TrainState state = {model, adam, &ema};
  const data::TensorDataset train = Points(2), test = Points(3);

  TrainOptions Options() {
    return {.epochs = 3,
            .batch_size = 8,
            .accumulate = 2,
            .seed = 5,
            .loss =
                [](const Tensor& y, const Tensor& target) {
                  return MeanSquaredError(Reshape(y, {-1}), target);
                },
            .schedule = optim::CosineDecay(9),
            .clip_norm = 1,
            .ema = &ema,
            .skip_outliers = 3};
  }

  TrainResult Run(const TrainOptions& options) {
    return Train(model, adam, train, test, options);
  }

  // Of all that a training changes.
  std::vector<float> Values() {
    std::vector<float> values;
    for (const auto& list :
         {nn::Parameters(model), adam.State(model), ema.State()}) {
      for (const nn::NamedParameter& p : list) {
        for (float v : p.parameter.value().data<float>()) values.push_back(v);
      }
    }
    return values;
  }
};

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

TEST(CheckpointFolder, KeepsTheLastOnesAndTheBest) {
  const std::string path = NewFolder("keeps");
  Training training;
  CheckpointFolder folder(path, 2);
  EXPECT_FALSE(folder.HasAny());
  for (int64_t step : {10, 20, 30, 40}) {
    Progress progress;
    progress.step = step;
    ASSERT_TRUE(folder.Save(training.state, progress, step == 20).ok());
  }
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(path)) {
    names.insert(entry.path().filename().string());
  }
  EXPECT_EQ(names, (std::set<std::string>{"best.safetensors",
                                          "step-00000030.safetensors",
                                          "step-00000040.safetensors"}));
  EXPECT_EQ(LoadCheckpoint(path + "/best.safetensors", training.state)->step,
            20);
}

TEST(CheckpointFolder, SavesInTheBackgroundWhatWasThenThere) {
  const std::string path = NewFolder("background");
  Training training;
  CheckpointFolder folder(path, 2);
  std::vector<std::vector<float>> saved;
  for (int64_t step : {1, 2, 3}) {
    Progress progress;
    progress.step = step;
    saved.push_back(training.Values());
    ASSERT_TRUE(
        folder.SaveInBackground(training.state, progress, step == 2).ok());
    // While it is written, or behind that: in either case too late for it.
    for (const nn::NamedParameter& p : nn::Parameters(training.model)) {
      p.parameter.MutableData<float>()[0] += 1;
    }
  }
  ASSERT_TRUE(folder.Wait().ok());
  for (const auto& [name, step] :
       {std::pair("best", 2), {"step-00000002", 2}, {"step-00000003", 3}}) {
    const auto progress = LoadCheckpoint(
        absl::StrCat(path, "/", name, ".safetensors"), training.state);
    ASSERT_TRUE(progress.ok()) << progress.status();
    EXPECT_EQ(progress->step, step);
    EXPECT_EQ(training.Values(), saved[step - 1]);
  }
}

TEST(CheckpointFolder, SavesTheBestThatItRememberedBeforeWhatFollows) {
  const std::string path = NewFolder("remembers");
  Training training;
  CheckpointFolder folder(path, 5);
  std::vector<float> last;
  Progress progress;
  // Does it with the training as it is, and then changes that.
  const auto step = [&](const auto& action) {
    ++progress.step;
    last = training.Values();
    action();
    for (const nn::NamedParameter& p : nn::Parameters(training.model)) {
      p.parameter.MutableData<float>()[0] += 1;
    }
  };
  const auto remember = [&] { folder.RememberBest(training.state, progress); };
  const auto save = [&](bool is_best) {
    return [&, is_best] {
      ASSERT_TRUE(
          folder.SaveInBackground(training.state, progress, is_best).ok());
    };
  };
  const auto best = [&] {
    const auto progress =
        LoadCheckpoint(path + "/best.safetensors", training.state);
    EXPECT_TRUE(progress.ok()) << progress.status();
    return progress.ok() ? progress->step : 0;
  };
  step(remember);
  step(remember);
  EXPECT_FALSE(folder.HasAny()) << "nothing is written yet";
  step(save(false));
  ASSERT_TRUE(folder.Wait().ok());
  EXPECT_EQ(best(), 2);
  EXPECT_TRUE(std::filesystem::exists(path + "/step-00000003.safetensors"));
  EXPECT_FALSE(std::filesystem::exists(path + "/step-00000001.safetensors"));
  // One that is the best itself takes its place.
  step(remember);
  step(save(true));
  ASSERT_TRUE(folder.Wait().ok());
  EXPECT_EQ(best(), 5);
  EXPECT_FALSE(std::filesystem::exists(path + "/step-00000004.safetensors"));
  // And none is forgotten at the end.
  step(remember);
  ASSERT_TRUE(folder.Wait().ok());
  EXPECT_EQ(best(), 6);
  EXPECT_EQ(training.Values(), last);
}

TEST(CheckpointFolder, TellsOfAnErrorInTheBackgroundTheNextTime) {
  const std::string path = NewFolder("no_folder");
  ASSERT_TRUE(WriteFileAtomically(path, "a file in the way").ok());
  Training training;
  CheckpointFolder folder(path, 2);
  ASSERT_TRUE(folder.SaveInBackground(training.state, {}, false).ok());
  const absl::Status next = folder.SaveInBackground(training.state, {}, false);
  EXPECT_TRUE(absl::StrContains(next.message(), path)) << next;
  EXPECT_TRUE(folder.Wait().ok()) << "that one was not begun";
  ASSERT_TRUE(folder.SaveInBackground(training.state, {}, false).ok());
  EXPECT_FALSE(folder.Wait().ok());
}

TEST(CheckpointFolder, FallsBackToTheNewestThatIsWhole) {
  const std::string path = NewFolder("falls_back");
  Training training;
  CheckpointFolder folder(path, 3);
  std::vector<std::string> passed_over;
  EXPECT_TRUE(absl::IsNotFound(
      folder.LoadNewest(training.state, passed_over).status()));
  for (int64_t step : {1, 2, 3}) {
    Progress progress;
    progress.step = step;
    ASSERT_TRUE(folder.Save(training.state, progress, false).ok());
  }
  const std::string newest = path + "/step-00000003.safetensors";
  const std::string half = ReadFile(newest)->substr(0, 4000);
  ASSERT_TRUE(WriteFileAtomically(newest, half).ok());
  const auto progress = folder.LoadNewest(training.state, passed_over);
  ASSERT_TRUE(progress.ok()) << progress.status();
  EXPECT_EQ(progress->step, 2);
  ASSERT_EQ(passed_over.size(), 1u);
  EXPECT_TRUE(absl::StrContains(passed_over[0], newest)) << passed_over[0];
}

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
  const std::string text = ToJson(p);
  const auto back = ProgressFromJson(text);
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(ToJson(*back), text);
  EXPECT_EQ(back->rng, p.rng);
  EXPECT_EQ(back->train.sums().loss, 0.1);
  EXPECT_EQ(back->train.parts()[0].value, -kInfinity);
  EXPECT_EQ(back->norms.mean, 1.0 / 3);
  EXPECT_TRUE(back->epochs[0].best);
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
           {"\"mean_norm\":0.0", "\"mean_norm\":\"much\""},
           {"}", ""}}) {
    std::string bad = good;
    const size_t at = bad.find(from);
    ASSERT_NE(at, std::string::npos) << from << " in " << good;
    bad.replace(at, from.size(), to);
    EXPECT_FALSE(ProgressFromJson(bad).ok()) << bad;
  }
}

}  // namespace
}  // namespace adjoint::train
