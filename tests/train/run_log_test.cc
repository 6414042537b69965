#include "framework/train/run_log.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "framework/adjoint.h"
#include "framework/base/file.h"

namespace adjoint::train {
namespace {

namespace fs = std::filesystem;

std::string TestFolder() {
  const fs::path folder =
      fs::path(::testing::TempDir()) /
      ::testing::UnitTest::GetInstance()->current_test_info()->name();
  fs::remove_all(folder);
  fs::create_directories(folder);
  return folder.string();
}

StepReport Step(int64_t step, const Progress& progress) {
  return {.epoch = 1,
          .step = step,
          .loss = 0.5,
          .learning_rate = 0.125,
          .total_seconds = 0.25,
          .progress = progress};
}

EpochReport EpochOne() {
  EpochReport report = {.epoch = 1, .total_seconds = 0.5};
  report.train.Add({Full({}, 2), Ones({1, 1}), Ones({1, 1})});
  report.test.Add({Full({}, 4), Ones({1, 1}), Ones({1, 1})});
  return report;
}

constexpr char kLines[] =
    R"({"step":2,"epoch":1,"seconds":0.25,"split":"train","loss":0.5,"learning_rate":0.125}
{"step":3,"epoch":1,"seconds":0.5,"split":"train_epoch","loss":2.0}
{"step":3,"epoch":1,"seconds":0.5,"split":"test","loss":4.0}
)";

TEST(RunLog, WritesEachNthStepAndEachEpoch) {
  const std::string folder = TestFolder();
  const auto log = RunLog::Open(folder, {.every = 2});
  ASSERT_TRUE(log.ok()) << log.status();
  const Progress progress;
  for (int step = 1; step <= 3; ++step) {
    ASSERT_TRUE((*log)->Step(Step(step, progress)).ok());
  }
  ASSERT_TRUE((*log)->Epoch(EpochOne()).ok());
  EXPECT_EQ(*ReadFile(folder + "/metrics.jsonl"), kLines);
  EXPECT_EQ(*ReadFile(folder + "/metrics.csv"),
            "step,epoch,seconds,split,loss,learning_rate\n"
            "2,1,0.25,train,0.5,0.125\n"
            "3,1,0.5,train_epoch,2.0,\n"
            "3,1,0.5,test,4.0,\n");
}

TEST(RunLog, GoesOnWhereItWasAndForgetsWhatCameAfter) {
  const std::string folder = TestFolder();
  const std::string path = folder + "/metrics.jsonl";
  ASSERT_TRUE(WriteFileAtomically(path, std::string(kLines) + "{\"st").ok());
  ASSERT_TRUE(
      RunLog::Open(folder, {.resume_step = 3, .resume_epochs = 1}).ok());
  EXPECT_EQ(*ReadFile(path), kLines);  // But for the torn line.
  ASSERT_TRUE(RunLog::Open(folder, {.resume_step = 3}).ok());
  const std::string lines = kLines;
  EXPECT_EQ(*ReadFile(path), lines.substr(0, lines.find('\n') + 1));
}

TEST(ReadMetricRows, NamesTheLineThatIsWrong) {
  const std::string path = TestFolder() + "/metrics.jsonl";
  for (const std::string bad :
       {"", "x", "[]", "{}", R"({"step":-1,"epoch":1,"seconds":1,"split":""})",
        R"({"step":1.5,"epoch":1,"seconds":1,"split":""})",
        R"({"step":1,"epoch":1,"seconds":"","split":""})",
        R"({"step":1,"epoch":1,"seconds":1,"split":2})",
        R"({"step":1,"epoch":1,"seconds":1,"split":"","loss":[]})",
        R"({"step":1,"epoch":1,"seconds":1e999,"split":""})",
        R"({"step":18446744073709551615,"epoch":1,"seconds":1,"split":""})",
        "\xff\x01"}) {
    ASSERT_TRUE(WriteFileAtomically(path, kLines + bad + "\n").ok());
    const auto rows = ReadMetricRows(path);
    ASSERT_TRUE(absl::IsInvalidArgument(rows.status())) << bad;
    EXPECT_EQ(rows.status().message().find(path + ": line 4: "), 0) << bad;
  }
}

}  // namespace
}  // namespace adjoint::train
