#include "framework/train/recipe.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "framework/adjoint.h"

namespace adjoint::train {
namespace {

// The weight after two steps from 1 with the gradients 0.5 and 2.
double AfterTwoSteps(optim::Optimizer& optimizer) {
  Rng rng(1);
  const nn::Linear model(1, 1, rng,
                         {.bias = false,
                          .dtype = DType::kF64,
                          .weight_init = nn::init::Constant(1)});
  for (double gradient : {0.5, 2.0}) {
    optimizer.Step(
        model,
        Gradients({{model.weight(), Full({1, 1}, gradient, DType::kF64)}}));
  }
  return model.weight().value().item();
}

TEST(Recipe, MakesTheOptimizerThatItNames) {
  const auto made = [](const char* name) {
    const auto optimizer = MakeOptimizer({.optimizer = name,
                                          .learning_rate = 0.25,
                                          .momentum = 0.5,
                                          .weight_decay = 0.125});
    return AfterTwoSteps(*optimizer);
  };
  const auto by_hand = [](auto optimizer) { return AfterTwoSteps(optimizer); };
  EXPECT_EQ(made("sgd"), by_hand(optim::Sgd({.learning_rate = 0.25,
                                             .momentum = 0.5,
                                             .weight_decay = 0.125})));
  EXPECT_EQ(made("nesterov"), by_hand(optim::Sgd({.learning_rate = 0.25,
                                                  .momentum = 0.5,
                                                  .nesterov = true,
                                                  .weight_decay = 0.125})));
  EXPECT_EQ(
      made("adagrad"),
      by_hand(optim::Adagrad({.learning_rate = 0.25, .weight_decay = 0.125})));
  EXPECT_EQ(made("rmsprop"), by_hand(optim::Rmsprop({.learning_rate = 0.25,
                                                     .momentum = 0.5,
                                                     .weight_decay = 0.125})));
  EXPECT_EQ(
      made("adam"),
      by_hand(optim::Adam({.learning_rate = 0.25, .weight_decay = 0.125})));
  EXPECT_EQ(made("adamw"),
            by_hand(optim::Adam({.learning_rate = 0.25,
                                 .weight_decay = 0.125,
                                 .decoupled_weight_decay = true})));
}

TEST(Recipe, PutsTheWarmUpBeforeTheSchedule) {
  const optim::Schedule schedule = MakeSchedule(
      {.epochs = 2, .schedule = "linear", .warmup_steps = 4, .accumulate = 3},
      19);
  const optim::Schedule same = optim::WarmUp(4, optim::LinearDecay(10));
  for (int64_t step = 0; step < 20; ++step) {
    EXPECT_EQ(schedule(step), same(step)) << step;
  }
}

TEST(Recipe, WarmsUpThroughoutARunThatIsTooShort) {
  const optim::Schedule schedule =
      MakeSchedule({.epochs = 1, .schedule = "cosine", .warmup_steps = 100}, 3);
  EXPECT_EQ(schedule(0), 0.25);
  EXPECT_EQ(schedule(2), 0.75);
}

TEST(Recipe, IsCheckedByFlag) {
  EXPECT_TRUE(Check({}).ok());
  const auto message = [](const Recipe& recipe) {
    return std::string(Check(recipe).message());
  };
  EXPECT_EQ(message({.epochs = 0}), "--epochs=0: must be at least 1");
  EXPECT_EQ(message({.weight_decay = -1}),
            "--weight_decay=-1: must be finite and at least 0");
  EXPECT_EQ(message({.warmup_steps = -1}),
            "--warmup_steps=-1: must be at least 0");
  EXPECT_EQ(message({.clip_norm = -0.5}),
            "--clip_norm=-0.5: must be finite and at least 0");
  EXPECT_TRUE(absl::StrContains(message({.schedule = "cosinus"}),
                                "did you mean cosine?"));
}

}  // namespace
}  // namespace adjoint::train
