#include "framework/train/run_log.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "framework/adjoint.h"
#include "framework/base/file.h"
#include "tests/io/read_events.h"

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

// The one events file.
std::string EventsIn(const std::string& folder) {
  for (const auto& file : fs::directory_iterator(folder)) {
    const std::string path = file.path().string();
    if (absl::StrContains(path, "tfevents")) return path;
  }
  return "";
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

TEST(RunLog, HasOfATrainingNoMetricThatIsOfTheTestAlone) {
  const std::string folder = TestFolder();
  const auto loss = [](const Metrics& metrics) { return metrics.loss(); };
  const auto log = RunLog::Open(
      folder,
      {.metrics = {{.name = "both", .value = loss},
                   {.name = "error", .value = loss, .test_only = true}}});
  ASSERT_TRUE(log.ok()) << log.status();
  ASSERT_TRUE((*log)->Epoch(EpochOne()).ok());
  EXPECT_EQ(*ReadFile(folder + "/metrics.csv"),
            "step,epoch,seconds,split,loss,both,error\n"
            "0,1,0.5,train_epoch,2.0,2.0,\n"
            "0,1,0.5,test,4.0,4.0,4.0\n");
  std::vector<std::string> tags;
  for (const auto& [step, tag, value] : io::ShownScalars(folder)) {
    tags.push_back(tag);
  }
  std::sort(tags.begin(), tags.end());
  EXPECT_EQ(tags, (std::vector<std::string>{"both/test", "both/train_epoch",
                                            "error/test", "loss/test",
                                            "loss/train_epoch"}));
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

TEST(RunLog, WidensTheCsvFileForAColumnThatAppearsLate) {
  const std::string folder = TestFolder();
  const auto log = *RunLog::Open(folder, {.every = 1});
  const Progress progress;
  ASSERT_TRUE(log->Step(Step(1, progress)).ok());
  ASSERT_TRUE(log->Flush().ok());
  StepReport with_norm = Step(2, progress);
  with_norm.gradient_norm = 4;
  ASSERT_TRUE(log->Step(with_norm).ok());
  ASSERT_TRUE(log->Step(Step(3, progress)).ok());
  ASSERT_TRUE(log->Flush().ok());
  const std::string expected =
      "step,epoch,seconds,split,loss,learning_rate,gradient_norm\n"
      "1,1,0.25,train,0.5,0.125,\n"
      "2,1,0.25,train,0.5,0.125,4.0\n"
      "3,1,0.25,train,0.5,0.125,\n";
  EXPECT_EQ(*ReadFile(folder + "/metrics.csv"), expected);
  // And goes on below it.
  ASSERT_TRUE(log->Step(Step(4, progress)).ok());
  ASSERT_TRUE(log->Flush().ok());
  EXPECT_EQ(*ReadFile(folder + "/metrics.csv"),
            expected + "4,1,0.25,train,0.5,0.125,\n");
}

TEST(RunLog, ReachesTheFilesOnceASecond) {
  const std::string folder = TestFolder();
  const auto log = *RunLog::Open(folder, {.every = 1});
  const Progress progress;
  std::vector<int64_t> lines;  // In the file, after each step.
  for (const double seconds : {0.5, 0.75, 1.0, 1.75, 2.25}) {
    StepReport report = Step(static_cast<int64_t>(lines.size()) + 1, progress);
    report.total_seconds = seconds;
    ASSERT_TRUE(log->Step(report).ok());
    const std::string text = *ReadFile(folder + "/metrics.jsonl");
    lines.push_back(std::count(text.begin(), text.end(), '\n'));
  }
  EXPECT_EQ(lines, (std::vector<int64_t>{0, 0, 3, 3, 5}));
  // Later than they happened, with the time at which they did.
  const auto events = io::ReadEvents(EventsIn(folder)).events;
  ASSERT_EQ(events.size(), 7u);  // After a version and a restart.
  EXPECT_NEAR(events[4].time - events[2].time, 0.5, 0.1);
  EXPECT_NEAR(events[6].time - events[5].time, 0.5, 0.1);
}

TEST(RunLog, GoingBackCutsAllThreeFiles) {
  const std::string folder = TestFolder();
  const auto log = *RunLog::Open(folder, {.every = 1});
  const Progress progress;
  for (int step = 1; step <= 3; ++step) {
    ASSERT_TRUE(log->Step(Step(step, progress)).ok());
  }
  ASSERT_TRUE(log->Epoch(EpochOne()).ok());
  ASSERT_TRUE(log->GoBack(2, 0).ok());
  StepReport other = Step(3, progress);
  other.loss = 7;
  ASSERT_TRUE(log->Step(other).ok());
  ASSERT_TRUE(log->Flush().ok());
  EXPECT_EQ(*ReadFile(folder + "/metrics.csv"),
            "step,epoch,seconds,split,loss,learning_rate\n"
            "1,1,0.25,train,0.5,0.125\n"
            "2,1,0.25,train,0.5,0.125\n"
            "3,1,0.25,train,7.0,0.125\n");
  const auto rows = ReadMetricRows(folder + "/metrics.jsonl");
  ASSERT_EQ(rows->size(), 3u);
  EXPECT_EQ(rows->at(2).values[0].value, 7);
  std::vector<std::pair<int64_t, float>> losses;
  for (const auto& [step, tag, value] : io::ShownScalars(folder)) {
    if (tag != "learning_rate") losses.push_back({step, value});
  }
  EXPECT_EQ(losses, (std::vector<std::pair<int64_t, float>>{
                        {1, 0.5}, {2, 0.5}, {3, 7}}));
}

// Zeros are what a loss of power leaves of a file that had grown.
TEST(RunLog, GoingBackKeepsWhatWasNotInTheFilesYet) {
  const std::string folder = TestFolder();
  const auto log = *RunLog::Open(folder, {.every = 1});
  const Progress progress;
  for (int step = 1; step <= 3; ++step) {
    ASSERT_TRUE(log->Step(Step(step, progress)).ok());
  }
  ASSERT_TRUE(log->GoBack(2, 0).ok());
  EXPECT_EQ(ReadMetricRows(folder + "/metrics.jsonl")->size(), 2u);
  const auto shown = io::ShownScalars(folder);  // A loss and a rate each.
  ASSERT_EQ(shown.size(), 4u);
  EXPECT_EQ(std::get<0>(shown.front()), 1);
  EXPECT_EQ(std::get<0>(shown.back()), 2);
}

TEST(RunLog, IsResumedWithoutTheLinesThatCannotBeRead) {
  const std::string folder = TestFolder();
  const std::string path = folder + "/metrics.jsonl";
  const std::string lines = kLines;
  const size_t second = lines.find('\n') + 1;
  const std::string zeros(5000, '\0');
  ASSERT_TRUE(WriteFileAtomically(path, lines.substr(0, second) + zeros + "\n" +
                                            std::string(1'000'000, '[') + "\n" +
                                            lines.substr(second) + zeros)
                  .ok());
  const auto log = RunLog::Open(folder, {.resume_step = 3, .resume_epochs = 1});
  ASSERT_TRUE(log.ok()) << log.status();
  EXPECT_EQ(*ReadFile(path), lines);
  EXPECT_EQ((*log)->passed_over(),
            path + ": line 2: not JSON; 2 lines are left out");
}

TEST(RunLog, BeginsAnewWhereItIsMissing) {
  const std::string folder = TestFolder();
  const auto log = RunLog::Open(folder, {.resume_step = 3});
  ASSERT_TRUE(log.ok()) << log.status();
  EXPECT_TRUE(absl::EndsWith(
      (*log)->passed_over(),
      "/metrics.jsonl: No such file or directory; the log begins anew"))
      << (*log)->passed_over();
  EXPECT_EQ(*ReadFile(folder + "/metrics.jsonl"), "");
}

// A hole takes no space.
TEST(RunLog, ThatIsTooLargeIsLeftAlone) {
  const std::string folder = TestFolder();
  const std::string path = folder + "/metrics.jsonl";
  ASSERT_TRUE(WriteFileAtomically(path, kLines).ok());
  fs::resize_file(path, (uintmax_t{1} << 30) + 1);
  const auto log = RunLog::Open(folder, {.resume_step = 3});
  EXPECT_TRUE(absl::IsOutOfRange(log.status()));
  EXPECT_EQ(log.status().message(),
            "cannot read " + path + ": larger than 1073741824 bytes");
  EXPECT_EQ(fs::file_size(path), (uintmax_t{1} << 30) + 1);
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
