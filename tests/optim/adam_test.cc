#include "framework/optim/adam.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/optim/options.h"
#include "tests/optim/weight.h"

namespace adjoint::optim {
namespace {

TEST(Adam, NamesItsState) {
  const Weight model(Zeros({2}));
  const auto state = Adam().State(model);
  ASSERT_EQ(state.size(), 2u);
  EXPECT_EQ(state[0].name, "mean/w");
  EXPECT_EQ(state[1].name, "mean_square/w");
}

// With constant gradients both corrected means are exact from the first step
// on, so that every step is the learning rate, whatever the gradient's size.
TEST(Adam, ConstantGradientsGiveStepsOfTheLearningRate) {
  const Weight model(Zeros({2}, DType::kF64));
  Adam adam({.learning_rate = 0.5, .epsilon = 0});
  const Tensor g = FromValues<double>({2}, {1e-6, -1e6});
  for (int t = 1; t <= 50; ++t) {
    adam.Step(model, Gradients({{model.w, g}}));
    EXPECT_NEAR(model.w.value().data<double>()[0], -0.5 * t, 1e-9);
    EXPECT_NEAR(model.w.value().data<double>()[1], 0.5 * t, 1e-9);
  }
}

// Without a gradient, decoupled decay is (1 - lr wd) a step; decay by the
// gradient is a step of the learning rate at first.
TEST(Adam, DecoupledDecayShrinksTheWeightByItself) {
  const Tensor none = Zeros({1}, DType::kF64);
  const Weight coupled(Full({1}, 2, DType::kF64));
  const Weight decoupled(Full({1}, 2, DType::kF64));
  Adam({.learning_rate = 0.5, .weight_decay = 0.1})
      .Step(coupled, Gradients({{coupled.w, none}}));
  Adam({.learning_rate = 0.5,
        .weight_decay = 0.1,
        .decoupled_weight_decay = true})
      .Step(decoupled, Gradients({{decoupled.w, none}}));
  EXPECT_NEAR(coupled.w.value().item(), 2 - 0.5, 1e-6);
  EXPECT_NEAR(decoupled.w.value().item(), 2 * (1 - 0.5 * 0.1), 1e-15);
}

TEST(Adam, ThrowsForOptionsOutOfRange) {
  for (double bad : Negatives()) {
    ExpectBadOption("learning_rate", [&] { Adam({.learning_rate = bad}); });
    ExpectBadOption("epsilon", [&] { Adam({.epsilon = bad}); });
    ExpectBadOption("weight_decay", [&] { Adam({.weight_decay = bad}); });
  }
  for (double bad : NotBelowOne()) {
    ExpectBadOption("beta1", [&] { Adam({.beta1 = bad}); });
    ExpectBadOption("beta2", [&] { Adam({.beta2 = bad}); });
  }
}

}  // namespace
}  // namespace adjoint::optim
