#include "framework/train/objective.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "framework/adjoint.h"

namespace adjoint::train {
namespace {

constexpr char kRegression[] =
    "for regression name a loss, such as MeanSquaredError";

// What ClassificationLoss throws, or "" if it takes the targets.
std::string ErrorOf(const Tensor& output, const Tensor& target) {
  try {
    ClassificationLoss(output, target);
    return "";
  } catch (const ValueError& e) {
    return e.what();
  }
}

// Of three classes, all equally likely to the model, so that the loss is log 3.
double LossOf(const std::vector<double>& target, DType dtype) {
  const auto rows = static_cast<int64_t>(target.size()) / 3;
  return ClassificationLoss(Zeros({rows, 3}, dtype),
                            Cast(FromSpan<double>({rows, 3}, target), dtype))
      .item();
}

TEST(ClassificationLoss, TakesLabelsAndMixedAndSmoothedOnes) {
  EXPECT_NEAR(
      ClassificationLoss(Zeros({2, 3}), FromValues<int32_t>({2}, {0, 2}))
          .item(),
      std::log(3), 1e-6);
  for (const DType dtype : {DType::kF32, DType::kF64}) {
    EXPECT_NEAR(LossOf({0, 1, 0, 0.3, 0, 0.7}, dtype), std::log(3), 1e-6);
    EXPECT_NEAR(LossOf({0.9 + 0.1 / 3, 0.1 / 3, 0.1 / 3}, dtype), std::log(3),
                1e-6);
    EXPECT_NEAR(LossOf({0.3334, 0.3334, 0.3334}, dtype), std::log(3), 1e-3);
  }
}

TEST(ClassificationLoss, RefusesTargetsThatAreNoProbabilities) {
  // Also beyond the sixteen lanes of a row, and in any row.
  std::vector<float> wide(40, 0);
  wide[0] = 1;
  wide[39] = 0.01f;
  EXPECT_TRUE(absl::StrContains(
      ErrorOf(Zeros({1, 40}), FromSpan<float>({1, 40}, wide)), kRegression));
  for (const std::vector<double>& row : {std::vector<double>{0.5, 0.5, 0.01},
                                         {-5, 3, 100},
                                         {0, 0, 0},
                                         {-0.5, 1, 0.5},
                                         {0, 0, -1},
                                         {0.333, 0.333, 0.332}}) {
    for (const DType dtype : {DType::kF32, DType::kF64}) {
      std::vector<double> all = {0, 1, 0};
      all.insert(all.end(), row.begin(), row.end());
      const std::string error = ErrorOf(
          Zeros({2, 3}, dtype), Cast(FromSpan<double>({2, 3}, all), dtype));
      EXPECT_TRUE(absl::StrContains(error, "row 1 of the targets")) << error;
      EXPECT_TRUE(absl::StrContains(error, kRegression)) << error;
    }
  }
}

// The training then blames the example, which it names.
TEST(ClassificationLoss, IsNotFiniteForTargetsThatAreNot) {
  constexpr double kInf = std::numeric_limits<double>::infinity();
  EXPECT_FALSE(std::isfinite(LossOf({0, kInf, 0}, DType::kF32)));
  EXPECT_TRUE(std::isnan(LossOf({0, std::nan(""), 1}, DType::kF32)));
}

TEST(ClassificationLoss, RefusesASingleClass) {
  const std::string wanted =
      "ClassificationLoss: one class: nothing to learn; for regression name a "
      "loss, such as MeanSquaredError";
  EXPECT_EQ(ErrorOf(Zeros({4, 1}), Ones({4, 1})), wanted);
  EXPECT_EQ(ErrorOf(Zeros({4, 1}), Ones({4})), wanted);
  EXPECT_EQ(ErrorOf(Zeros({4, 1}), Zeros({4}, DType::kI32)), wanted);
}

// What a forgotten loss would be: completed, and nothing learned.
TEST(Train, RefusesRegressionWithoutALoss) {
  Rng rng(1);
  const nn::Linear model(1, 1, rng);
  optim::Sgd sgd({.learning_rate = 0.1});
  const data::TensorDataset line(Ones({8, 1}), Full({8, 1}, 2));
  EXPECT_THROW(Train(model, sgd, line, line, {.epochs = 2}), ValueError);
  EXPECT_EQ(
      Train(model, sgd, line, line, {.epochs = 2, .loss = MeanSquaredError})
          .exit_reason,
      "completed");
}

}  // namespace
}  // namespace adjoint::train
