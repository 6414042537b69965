// A run's files on a disk of which any call fails.

#include <gtest/gtest.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "framework/adjoint.h"
#include "framework/base/file.h"
#include "framework/train/checkpoint.h"
#include "framework/train/config.h"
#include "framework/train/run_log.h"
#include "tests/base/failing_disk.h"

namespace adjoint::train {
namespace {

namespace fs = std::filesystem;

std::string NewFolder(const std::string& name) {
  const std::string folder = absl::StrCat(testing::TempDir(), "/", name);
  fs::remove_all(folder);
  fs::create_directories(folder);
  return folder;
}

std::set<std::string> NamesIn(const std::string& folder) {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) {
    names.insert(entry.path().filename().string());
  }
  return names;
}

// Does `action` with each of its calls failing in turn, once or for good. Calls
// check(status) after each, with the disk whole again. The action is to begin
// the same each time.
void WithEachCallFailing(
    int error, const std::function<void()>& prepare,
    const std::function<absl::Status()>& action,
    const std::function<void(const absl::Status&)>& check) {
  for (const bool for_good : {false, true}) {
    for (int call = 0;; ++call) {
      SCOPED_TRACE(testing::Message()
                   << strerror(error) << " at call " << call
                   << (for_good ? " and all behind it" : ""));
      {
        const FailingDisk fast({});
        prepare();
      }
      bool failed;
      const absl::Status status = [&] {
        // Some 1000 bytes a call: a file takes several.
        const FailingDisk disk({.failing_call = call,
                                .error = error,
                                .for_good = for_good,
                                .most = 1000});
        absl::Status result = action();
        failed = disk.failed();
        return result;
      }();
      if (!failed) {
        EXPECT_TRUE(status.ok()) << status;
        EXPECT_GT(call, 10) << "there is little that could fail";
        break;
      }
      check(status);
      if (testing::Test::HasFailure()) return;
    }
  }
}

// A model of one weight, which tells of the step.
struct Training {
  Rng rng = Rng(1);
  nn::Linear model = nn::Linear(20, 30, rng);
  optim::Sgd sgd = optim::Sgd({.learning_rate = 0.1, .momentum = 0.9});
  const TrainState state = {model, sgd};

  void Become(float value) {
    for (float& w : model.weight().MutableData<float>()) w = value;
  }
  float value() const { return model.weight().value().data<float>()[0]; }
};

Progress AtStep(int64_t step) {
  Progress progress;
  progress.step = step;
  return progress;
}

constexpr char kStep1[] = "step-00000001.safetensors";
constexpr char kStep2[] = "step-00000002.safetensors";
constexpr char kStep3[] = "step-00000003.safetensors";
constexpr char kBest[] = "best.safetensors";

class CheckpointsOnAFailingDisk : public testing::TestWithParam<int> {};

TEST_P(CheckpointsOnAFailingDisk, LoseNothingThatWasSaved) {
  const std::string path = NewFolder("checkpoints");
  CheckpointFolder folder(path, 2);
  Training training;
  const auto save = [&](int64_t step) {
    training.Become(static_cast<float>(step));
    return folder.Save(training.state, AtStep(step), /*is_best=*/true);
  };
  WithEachCallFailing(
      GetParam(),
      [&] {
        fs::remove_all(path);
        ASSERT_TRUE(save(1).ok());
        ASSERT_TRUE(save(2).ok());
      },
      [&] { return save(3); },
      [&](const absl::Status& status) {
        if (!status.ok()) {
          EXPECT_TRUE(absl::StrContains(status.message(), path)) << status;
          EXPECT_TRUE(absl::StrContains(status.message(), strerror(GetParam())))
              << status;
        }
        const std::set<std::string> names = NamesIn(path);
        for (const std::string& name : names) {
          EXPECT_FALSE(absl::EndsWith(name, ".tmp")) << name;
        }
        EXPECT_TRUE(names.count(kStep2));
        // Which is new only if its checkpoint is there too.
        const auto best = LoadCheckpoint(path + "/" + kBest, training.state);
        ASSERT_TRUE(best.ok()) << best.status();
        EXPECT_TRUE(best->step == 2 || (best->step == 3 && names.count(kStep3)))
            << best->step;
        EXPECT_EQ(training.value(), static_cast<float>(best->step));

        std::vector<std::string> passed_over;
        const auto newest = folder.LoadNewest(training.state, passed_over);
        ASSERT_TRUE(newest.ok()) << newest.status();
        EXPECT_TRUE(passed_over.empty()) << passed_over[0];
        EXPECT_EQ(newest->step, names.count(kStep3) ? 3 : 2);
        EXPECT_EQ(training.value(), static_cast<float>(newest->step));
        EXPECT_TRUE(newest->step == 3 || !status.ok());
        EXPECT_TRUE(newest->step == 3 || names.count(kStep1));

        // And once there is room again it goes on.
        ASSERT_TRUE(save(3).ok());
        EXPECT_EQ(NamesIn(path),
                  (std::set<std::string>{kBest, kStep2, kStep3}));
      });
}

TEST_P(CheckpointsOnAFailingDisk, AreSavedInSpiteOfInterruptions) {
  if (GetParam() != EIO) GTEST_SKIP() << "once is enough";
  const std::string path = NewFolder("interrupted");
  Training training;
  CheckpointFolder folder(path, 2);
  for (int call = 0; call < 12; ++call) {
    const FailingDisk disk(
        {.failing_call = call, .error = EINTR, .most = 1000});
    const absl::Status status =
        folder.Save(training.state, AtStep(call), /*is_best=*/false);
    // Renaming is never interrupted.
    const bool renames = call < static_cast<int>(disk.calls().size()) &&
                         disk.calls()[call] == "rename";
    EXPECT_TRUE(status.ok() || renames) << call << ": " << status;
  }
}

TEST_P(CheckpointsOnAFailingDisk, ConfigIsAllOrNothing) {
  const std::string path = NewFolder("config");
  const RunConfig old = {.model = "old", .flags = {{"a", "1"}}};
  const RunConfig longer = {.model = "new",
                            .flags = {{"a", std::string(4000, 'x')}}};
  WithEachCallFailing(
      GetParam(), [&] { ASSERT_TRUE(WriteConfig(path, old).ok()); },
      [&] { return WriteConfig(path, longer); },
      [&](const absl::Status& status) {
        const auto config = ReadConfig(path);
        ASSERT_TRUE(config.ok()) << config.status();
        EXPECT_TRUE(config->model == "new" ||
                    (config->model == "old" && !status.ok()));
        EXPECT_EQ(NamesIn(path), std::set<std::string>{"config.json"});
      });
}

INSTANTIATE_TEST_SUITE_P(Errors, CheckpointsOnAFailingDisk,
                         testing::Values(ENOSPC, EIO), [](const auto& info) {
                           return info.param == EIO ? "EIO" : "ENOSPC";
                         });

// A log of two epochs of 40 steps, with a column that appears late.
absl::Status LogAll(RunLog& log) {
  const Progress progress;
  absl::Status status;
  for (int64_t step = 1; step <= 80; ++step) {
    StepReport report = {.epoch = 1 + (step - 1) / 40,
                         .step = step,
                         .loss = 1.0 / static_cast<double>(step),
                         .learning_rate = 0.125,
                         .total_seconds = 0.05 * static_cast<double>(step),
                         .progress = progress};
    if (step > 60) report.gradient_norm = 3;
    status.Update(log.Step(report));
    if (step % 40 != 0) continue;
    EpochReport epoch = {.epoch = step / 40, .total_seconds = 5};
    epoch.train.Add({Full({}, 2), Ones({1, 1}), Ones({1, 1})});
    status.Update(log.Epoch(epoch));
  }
  status.Update(log.Flush());
  return status;
}

// The log's files, as far as they do not tell of time and process.
std::vector<std::string> TextsIn(const std::string& folder) {
  std::vector<std::string> texts;
  for (const char* name : {"metrics.jsonl", "metrics.csv"}) {
    const auto text = ReadFile(absl::StrCat(folder, "/", name));
    texts.push_back(text.ok() ? *text : "");
  }
  return texts;
}

TEST(RunLogOnAFailingDisk, HasWholeLinesAndCatchesUp) {
  const std::string whole = NewFolder("log_whole");
  ASSERT_TRUE(LogAll(**RunLog::Open(whole)).ok());
  const std::vector<std::string> expected = TextsIn(whole);

  const std::string path = NewFolder("log_failing");
  absl::StatusOr<std::unique_ptr<RunLog>> log;
  WithEachCallFailing(
      ENOSPC,
      [&] {
        fs::remove_all(path);
        fs::create_directories(path);
        log = RunLog::Open(path);
        ASSERT_TRUE(log.ok()) << log.status();
      },
      [&] { return LogAll(**log); },
      [&](const absl::Status& status) {
        // A failing close loses nothing.
        if (!status.ok()) {
          EXPECT_TRUE(absl::StrContains(status.message(), path)) << status;
          EXPECT_TRUE(absl::StrContains(status.message(), "No space left"))
              << status;
        }
        const std::string lines = TextsIn(path)[0];
        EXPECT_TRUE(absl::StartsWith(expected[0], lines)) << lines;
        EXPECT_TRUE(lines.empty() || lines.back() == '\n');
        EXPECT_TRUE((*log)->Flush().ok());
        EXPECT_EQ(TextsIn(path), expected);
        for (const std::string& name : NamesIn(path)) {
          EXPECT_FALSE(absl::EndsWith(name, ".tmp")) << name;
        }
      });
}

TEST(RunLogOnAFailingDisk, IsResumedAllOrNothing) {
  const std::string path = NewFolder("log_resumed");
  std::vector<std::string> before;
  WithEachCallFailing(
      ENOSPC,
      [&] {
        fs::remove_all(path);
        fs::create_directories(path);
        ASSERT_TRUE(LogAll(**RunLog::Open(path)).ok());
        before = TextsIn(path);
      },
      [&] {
        return RunLog::Open(path, {.resume_step = 40, .resume_epochs = 1})
            .status();
      },
      [&](const absl::Status&) {
        // The lines before it are all there, and whole.
        const std::string lines = TextsIn(path)[0];
        EXPECT_TRUE(absl::StartsWith(before[0], lines)) << lines;
        const auto rows = ReadMetricRows(path + "/metrics.jsonl");
        ASSERT_TRUE(rows.ok()) << rows.status();
        EXPECT_GE(rows->size(), 5u);  // Steps 10, 20, 30 and 40; the epoch.
        ASSERT_TRUE(
            RunLog::Open(path, {.resume_step = 40, .resume_epochs = 1}).ok());
        EXPECT_EQ(ReadMetricRows(path + "/metrics.jsonl")->size(), 5u);
      });
}

}  // namespace
}  // namespace adjoint::train
