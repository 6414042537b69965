// A run that goes back behind its best epoch.

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <limits>
#include <memory>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "framework/adjoint.h"
#include "framework/base/file.h"
#include "framework/train/metric_row.h"
#include "framework/train/session.h"
#include "nlohmann/json.hpp"

namespace adjoint::train {
namespace {

// y = w x on the points (1, 1), w = 0 at first: each step of the rate r makes
// the distance d = 1 - w smaller by the factor 1 - 2 r, and the loss is d^2.
// Who comes nearer than `closest` diverges.
class Steep final : public SupervisedTask {
 public:
  explicit Steep(double closest)
      : SupervisedTask(Model(), Examples(), Examples(), MeanSquaredError),
        closest_(closest) {}

  Outcome Evaluate(const data::Batch& batch,
                   const nn::Pass& pass) const override {
    Outcome outcome = SupervisedTask::Evaluate(batch, pass);
    if (pass.training && outcome.loss.item() < closest_ * closest_) {
      outcome.loss = outcome.loss * std::numeric_limits<float>::infinity();
    }
    return outcome;
  }

 private:
  static std::unique_ptr<nn::Layer> Model() {
    Rng rng(1);
    auto model = std::make_unique<nn::Linear>(1, 1, rng,
                                              nn::LinearOptions{.bias = false});
    nn::Parameters(*model)[0].parameter.MutableData<float>()[0] = 0;
    return model;
  }
  static std::unique_ptr<data::Dataset> Examples() {
    return std::make_unique<data::TensorDataset>(Ones({4, 1}), Ones({4, 1}));
  }

  const double closest_;
};

class UndoneBest : public testing::Test {
 protected:
  UndoneBest() {
    std::filesystem::remove_all(folder_);
    flags_.recipe = {.epochs = 5,
                     .batch_size = 4,
                     .optimizer = "sgd",
                     .learning_rate = 0.25,
                     .momentum = 0,
                     .schedule = "constant"};
    flags_.checkpoint_every = 1;
    flags_.rollbacks = 2;
    flags_.quiet = true;
    flags_.run_dir = folder_;
  }

  // What is printed. d is 1/2, 1/4, 1/8 after the epochs 1 to 3, and the fourth
  // diverges: at half the rate as well, and at a quarter of it from the second
  // on it is 0.167 after the fifth, 0.128 after the seventh, then 0.112.
  std::string Run() {
    const Program program = {.name = "steep", .make = [](const TaskOptions&) {
                               return std::make_unique<Steep>(0.1251);
                             }};
    testing::internal::CaptureStdout();
    const absl::StatusOr<int> code = RunSession(program, flags_);
    std::string printed = testing::internal::GetCapturedStdout();
    EXPECT_TRUE(code.ok()) << code.status();
    return printed;
  }

  const std::string folder_ = absl::StrCat(
      testing::TempDir(), "/",
      testing::UnitTest::GetInstance()->current_test_info()->name());
  SharedFlags flags_;
};

TEST_F(UndoneBest, IsTheBestInAllThatTheRunLeavesBehind) {
  const std::string printed = Run();
  EXPECT_TRUE(absl::StrContains(
      printed, "\nbest test loss 0.01562 in epoch 3, before a roll-back\n"))
      << printed;

  const auto summary =
      nlohmann::json::parse(ReadFile(folder_ + "/summary.json").value());
  EXPECT_EQ(summary["rollbacks"], 2);
  EXPECT_EQ(summary["epochs"], 5);
  EXPECT_EQ(summary["best_epoch"], 3);
  EXPECT_EQ(summary["best_undone"], true);
  EXPECT_EQ(summary["best_test_loss"], 1. / 64);
  EXPECT_NEAR(summary["test_loss"], std::pow(0.25 * std::pow(0.875, 3), 2),
              1e-6);

  // The file has the weights of that epoch.
  Rng rng(1);
  const nn::Linear model(1, 1, rng, {.bias = false});
  ASSERT_TRUE(LoadInto(model, folder_).ok());
  EXPECT_EQ(nn::Parameters(model)[0].parameter.value().item(), 0.875);

  const auto rows = ReadMetricRows(folder_ + "/metrics.jsonl");
  ASSERT_TRUE(rows.ok()) << rows.status();
  int64_t undone = 0, tests = 0;
  for (const MetricRow& row : *rows) {
    tests += row.split == "test";
    if (row.split != "undone") continue;
    ++undone;
    EXPECT_EQ(row.epoch, 3);
    EXPECT_EQ(row.values[0].value, 1. / 64);
  }
  EXPECT_EQ(undone, 1);
  EXPECT_EQ(tests, 5);

  EXPECT_TRUE(absl::StrContains(ReadFile(folder_ + "/report.html").value(),
                                "\"best_undone\":true"));
}

TEST_F(UndoneBest, IsStillTheBestWhereTheRunGoesOn) {
  Run();
  flags_.resume = folder_;
  flags_.recipe.epochs = 6;
  Run();
  const auto summary =
      nlohmann::json::parse(ReadFile(folder_ + "/summary.json").value());
  EXPECT_EQ(summary["epochs"], 6);
  EXPECT_EQ(summary["best_epoch"], 3);
  EXPECT_EQ(summary["best_test_loss"], 1. / 64);
}

TEST_F(UndoneBest, GivesWayToABetterOne) {
  flags_.recipe.epochs = 8;
  Run();
  const auto summary =
      nlohmann::json::parse(ReadFile(folder_ + "/summary.json").value());
  EXPECT_EQ(summary["best_epoch"], 8);
  EXPECT_EQ(summary["best_undone"], false);
}

}  // namespace
}  // namespace adjoint::train
