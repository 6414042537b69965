#include <gtest/gtest.h>

#include <filesystem>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "framework/adjoint.h"
#include "framework/base/file.h"
#include "framework/train/checkpoint.h"
#include "tests/train/saved_training.h"

namespace adjoint::train {
namespace {

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

// The two are written at once; whichever is there first, both are at the end.
TEST(CheckpointFolder, KeepsTheBestBesideALaterOneThatLeavesItNoRoom) {
  Training training;
  for (int i = 0; i < 100; ++i) {
    const std::string path = NewFolder("one_stays");
    CheckpointFolder folder(path, 1);
    Progress progress;
    progress.step = 1;
    folder.RememberBest(training.state, progress);
    progress.step = 2;
    ASSERT_TRUE(folder.SaveInBackground(training.state, progress, false).ok());
    ASSERT_TRUE(folder.Wait().ok());
    const auto best =
        LoadCheckpoint(path + "/best.safetensors", training.state);
    ASSERT_TRUE(best.ok()) << best.status();
    EXPECT_EQ(best->step, 1);
    const auto files = folder.Files();
    ASSERT_EQ(files.size(), 1);
    EXPECT_EQ(files[0].first, 2);
  }
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

TEST(CheckpointFolder, SavesTheBestThoughAnotherCannotBe) {
  const std::string path = NewFolder("another_cannot");
  const std::string in_the_way = path + "/step-00000001.safetensors";
  ASSERT_TRUE(MakeDirectories(in_the_way + "/a").ok());
  Training training;
  CheckpointFolder folder(path, 2);
  EXPECT_FALSE(folder.HasAny()) << "it is no file";
  Progress progress;
  progress.step = 1;
  ASSERT_TRUE(folder.SaveInBackground(training.state, progress, false).ok());
  progress.step = 2;
  folder.RememberBest(training.state, progress);
  const absl::Status status = folder.Wait();
  EXPECT_TRUE(absl::StrContains(status.message(), in_the_way)) << status;
  EXPECT_EQ(LoadCheckpoint(path + "/best.safetensors", training.state)->step,
            2);
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

}  // namespace
}  // namespace adjoint::train
