// A run's page while the run goes on.

#include "framework/train/session.h"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "framework/adjoint.h"
#include "framework/base/file.h"
#include "framework/train/metric_row.h"

namespace adjoint::train {
namespace {

constexpr int64_t kExamples = 100;

// Tells of each step before it is made.
class Watched final : public SupervisedTask {
 public:
  explicit Watched(std::function<void()> before_step)
      : SupervisedTask(Model(), Examples(), Examples(), MeanSquaredError),
        before_step_(std::move(before_step)) {}

  Outcome Evaluate(const data::Batch& batch,
                   const nn::Pass& pass) const override {
    if (pass.training) before_step_();
    return SupervisedTask::Evaluate(batch, pass);
  }

 private:
  static std::unique_ptr<nn::Layer> Model() {
    Rng rng(1);
    return std::make_unique<nn::Linear>(1, 1, rng);
  }
  static std::unique_ptr<data::Dataset> Examples() {
    return std::make_unique<data::TensorDataset>(Ones({kExamples, 1}),
                                                 Ones({kExamples, 1}));
  }

  const std::function<void()> before_step_;
};

// Of one epoch, an example a step, in a new folder.
SharedFlags FlagsOfTest() {
  SharedFlags flags = {.recipe = {.epochs = 1, .batch_size = 1}};
  flags.quiet = true;
  flags.log_every = 1;
  flags.run_dir = absl::StrCat(
      testing::TempDir(), "/",
      testing::UnitTest::GetInstance()->current_test_info()->name());
  std::filesystem::remove_all(flags.run_dir);
  return flags;
}

// Calls before_step(the report as it is then).
void RunWatched(const std::function<void(const std::string&)>& before_step) {
  const SharedFlags flags = FlagsOfTest();
  const std::string path = flags.run_dir + "/report.html";
  const Program program = {.name = "watched", .make = [&](const TaskOptions&) {
                             return std::make_unique<Watched>([&] {
                               before_step(ReadFile(path).value_or(""));
                             });
                           }};
  const absl::StatusOr<int> code = RunSession(program, flags);
  ASSERT_TRUE(code.ok()) << code.status();
  const std::string last = ReadFile(path).value();
  EXPECT_TRUE(absl::StrContains(last, "\"running\":false"));
  EXPECT_TRUE(absl::StrContains(last, "\"split\":\"test\""));
}

TEST(Session, ReportIsThereBeforeTheFirstStep) {
  std::string first;
  RunWatched([&](const std::string& page) {
    if (first.empty()) first = page.empty() ? "none" : page;
  });
  EXPECT_TRUE(absl::StrContains(first, "\"running\":true")) << first;
  EXPECT_TRUE(absl::StrContains(first, "\"model\":\"watched\""));
}

TEST(Session, ReportShowsTheStepsOfAnEpochThatTakesLong) {
  bool shown = false;
  RunWatched([&](const std::string& page) {
    shown = shown || absl::StrContains(page, "\"split\":\"train\"");
    // After five seconds, or a few more on a slow disk.
    if (!shown) std::this_thread::sleep_for(std::chrono::milliseconds(200));
  });
  EXPECT_TRUE(shown);
}

TEST(Session, WhatWasMeasuredUntilTheModelThrewIsInTheLog) {
  const SharedFlags flags = FlagsOfTest();
  int64_t steps = 0;
  const Program program = {.name = "thrower", .make = [&](const TaskOptions&) {
                             return std::make_unique<Watched>([&] {
                               if (++steps == 30) throw ValueError("mine");
                             });
                           }};
  EXPECT_THROW(RunSession(program, flags).IgnoreError(), ValueError);
  const auto rows = ReadMetricRows(flags.run_dir + "/metrics.jsonl");
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_EQ(rows->size(), 29u);
}

TEST(Session, ItsProfileHasTheTimeOfSavingInTheEnd) {
  SharedFlags flags = FlagsOfTest();
  flags.recipe.batch_size = kExamples;
  flags.profile = true;
  const Program program = {.name = "watched", .make = [&](const TaskOptions&) {
                             return std::make_unique<Watched>([] {});
                           }};
  testing::internal::CaptureStdout();
  const absl::StatusOr<int> code = RunSession(program, flags);
  const std::string printed = testing::internal::GetCapturedStdout();
  ASSERT_TRUE(code.ok()) << code.status();
  std::string saving;
  for (absl::string_view line : absl::StrSplit(printed, '\n')) {
    if (absl::EndsWith(line, "  saving")) saving = std::string(line);
  }
  // Behind the only step and the only epoch, and in the end.
  EXPECT_TRUE(absl::StartsWith(absl::StripLeadingAsciiWhitespace(saving), "3 "))
      << printed;
}

}  // namespace
}  // namespace adjoint::train
