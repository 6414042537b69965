// What a program tells of its model without training it.

#include "framework/train/inspect_task.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "absl/strings/match.h"
#include "framework/adjoint.h"

namespace adjoint::train {
namespace {

// A task, to be explained.
std::unique_ptr<Task> Curve() {
  Rng rng(1);
  const Tensor x = RandomUniform({50, 2}, -1, 1, rng);
  const Tensor y = Sum(x, {1}, {.keepdims = true});
  return std::make_unique<SupervisedTask>(
      std::make_unique<nn::Sequential>(nn::Linear(2, 4, rng), nn::Tanh(),
                                       nn::Linear(4, 1, rng)),
      std::make_unique<data::TensorDataset>(x, y),
      std::make_unique<data::TensorDataset>(x, y), MeanSquaredError);
}

TEST(DescribeTask, TellsTheMemoryOfAStep) {
  // 2x4 + 4 + 4 + 1 = 17 parameters of 4 bytes; adam has two of each.
  const Recipe recipe = {.batch_size = 10, .optimizer = "adam"};
  const std::string text =
      DescribeTask(*Curve(), recipe, *MakeOptimizer(recipe));
  EXPECT_TRUE(absl::StrContains(text, "memory  parameters ")) << text;
  EXPECT_TRUE(absl::StrContains(text, " at batch 10")) << text;
  EXPECT_TRUE(absl::StrContains(text, "2 Linear")) << text;
}

TEST(ExplainTask, ShowsEachOpAndEachGradient) {
  const std::string text = ExplainTask(*Curve(), {.batch_size = 10});
  for (const char* part : {"linear", "tanh", "[10,2]", "< ", "0.weight",
                           "2.bias", "gradient norm"}) {
    EXPECT_TRUE(absl::StrContains(text, part)) << part << " in\n" << text;
  }
}

}  // namespace
}  // namespace adjoint::train
