// What a run leaves behind is there when RunSession returns; what cannot be
// written is told, and the rest is written all the same.

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "framework/adjoint.h"
#include "framework/base/file.h"
#include "framework/train/checkpoint.h"
#include "framework/train/session.h"
#include "nlohmann/json.hpp"

namespace adjoint::train {
namespace {

namespace fs = std::filesystem;

// Large enough that writing it takes a while.
constexpr int64_t kFeatures = 1024;
constexpr int64_t kSteps = 2;

// An identity to learn. Tells of the test that follows the last step.
class Identity final : public SupervisedTask {
 public:
  explicit Identity(std::function<void()> after_last_step)
      : SupervisedTask(Model(), Examples(), Examples(), MeanSquaredError),
        after_last_step_(std::move(after_last_step)) {}

  Outcome Evaluate(const data::Batch& batch,
                   const nn::Pass& pass) const override {
    if (pass.training) {
      ++steps_;
    } else if (steps_ == kSteps) {
      after_last_step_();
    }
    return SupervisedTask::Evaluate(batch, pass);
  }

 private:
  static std::unique_ptr<nn::Layer> Model() {
    Rng rng(1);
    return std::make_unique<nn::Linear>(kFeatures, kFeatures, rng);
  }
  static std::unique_ptr<data::Dataset> Examples() {
    return std::make_unique<data::TensorDataset>(Ones({kSteps, kFeatures}),
                                                 Ones({kSteps, kFeatures}));
  }

  const std::function<void()> after_last_step_;
  mutable int64_t steps_ = 0;
};

class LastFiles : public testing::Test {
 protected:
  LastFiles() { fs::remove_all(folder_); }
  ~LastFiles() override { fs::remove_all(folder_); }

  // Of an epoch. Calls after_last_step() before anything of it is saved.
  absl::Status Run(const std::function<void()>& after_last_step) {
    SharedFlags flags;
    flags.recipe.epochs = 1;
    flags.recipe.batch_size = 1;
    flags.quiet = true;
    flags.run_dir = folder_;
    const Program program = {
        .name = "identity", .make = [&](const TaskOptions&) {
          return std::make_unique<Identity>(after_last_step);
        }};
    return RunSession(program, flags).status();
  }

  // Puts a directory that is not empty in the place of a file of the run.
  void Block(const std::string& name) {
    fs::remove_all(PathOf(name));
    fs::create_directories(PathOf(name) + "/in_the_way");
  }

  // Checks that all files are whole but `missing`, and that nothing else lies
  // about.
  void ExpectAllBut(const std::string& missing) {
    if (missing != kModel) {
      Rng rng(2);
      const nn::Linear model(kFeatures, kFeatures, rng);
      const absl::Status loaded = LoadInto(model, PathOf(kModel));
      EXPECT_TRUE(loaded.ok()) << loaded;
    }
    if (missing != kCheckpoint) {
      const auto file = io::ReadSafetensors(PathOf(kCheckpoint));
      ASSERT_TRUE(file.ok()) << file.status();
      EXPECT_TRUE(CheckIsWhole(*file, kCheckpoint).ok());
    }
    if (missing != kReport) {
      const std::string report = ReadFile(PathOf(kReport)).value_or("");
      EXPECT_TRUE(absl::StrContains(report, "\"running\":false"));
      EXPECT_TRUE(absl::StrContains(report, "</html>"));
    }
    if (missing != kSummary) {
      const auto summary =
          nlohmann::json::parse(ReadFile(PathOf(kSummary)).value_or(""));
      EXPECT_EQ(summary["steps"], kSteps);
    }
    for (const auto& entry : fs::recursive_directory_iterator(folder_)) {
      EXPECT_NE(entry.path().extension(), ".tmp") << entry.path();
    }
  }

  std::string PathOf(const std::string& name) const {
    return absl::StrCat(folder_, "/", name);
  }

  static constexpr char kModel[] = "model.safetensors";
  static constexpr char kCheckpoint[] = "checkpoints/step-00000002.safetensors";
  static constexpr char kReport[] = "report.html";
  static constexpr char kSummary[] = "summary.json";

  const std::string folder_ = absl::StrCat(
      testing::TempDir(), "/last_files_",
      testing::UnitTest::GetInstance()->current_test_info()->name());
};

TEST_F(LastFiles, AreWholeWhenTheSessionReturns) {
  const absl::Status status = Run([] {});
  ASSERT_TRUE(status.ok()) << status;
  ExpectAllBut("");
}

TEST_F(LastFiles, ThatCannotBeWrittenAreNamedAndTheOthersWritten) {
  for (const std::string name : {kModel, kCheckpoint, kReport, kSummary}) {
    SCOPED_TRACE(name);
    fs::remove_all(folder_);
    const absl::Status status = Run([&] { Block(name); });
    EXPECT_EQ(status.message(), absl::StrCat("cannot replace ", PathOf(name),
                                             ": Is a directory"));
    ExpectAllBut(name);
  }
}

TEST_F(LastFiles, AreAllNamedOfWhichSeveralCannotBeWritten) {
  testing::internal::CaptureStderr();
  const absl::Status status = Run([&] {
    Block(kModel);
    Block(kSummary);
  });
  const std::string told = testing::internal::GetCapturedStderr();
  EXPECT_TRUE(absl::StrContains(status.message(), PathOf(kSummary))) << status;
  EXPECT_TRUE(absl::StrContains(told, PathOf(kModel))) << told;
}

}  // namespace
}  // namespace adjoint::train
