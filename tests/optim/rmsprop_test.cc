#include "framework/optim/rmsprop.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "tests/optim/options.h"
#include "tests/optim/weight.h"

namespace adjoint::optim {
namespace {

std::vector<std::string> StateNames(RmspropOptions options) {
  const Weight model(Zeros({2}));
  std::vector<std::string> names;
  for (const nn::NamedParameter& s : Rmsprop(options).State(model)) {
    names.push_back(s.name);
  }
  return names;
}

TEST(Rmsprop, KeepsTheStateItsOptionsNeed) {
  using Names = std::vector<std::string>;
  EXPECT_EQ(StateNames({}), Names({"mean_square/w"}));
  EXPECT_EQ(StateNames({.momentum = 0.5}),
            Names({"mean_square/w", "velocity/w"}));
  EXPECT_EQ(StateNames({.centered = true}), Names({"mean_square/w", "mean/w"}));
  EXPECT_EQ(StateNames({.centered = true, .momentum = 0.5}),
            Names({"mean_square/w", "mean/w", "velocity/w"}));
}

// With constant gradients g the mean square after t steps is (1 - a^t) g^2.
TEST(Rmsprop, ConstantGradientsGiveStepsOfTheLearningRate) {
  const Weight model(Zeros({1}, DType::kF64));
  Rmsprop rmsprop({.learning_rate = 0.5, .smoothing = 0.9, .epsilon = 0});
  double expected = 0;
  for (int t = 1; t <= 50; ++t) {
    rmsprop.Step(model, Gradients({{model.w, Full({1}, 3, DType::kF64)}}));
    expected -= 0.5 / std::sqrt(1 - std::pow(0.9, t));
    EXPECT_NEAR(model.w.value().item(), expected, 1e-12);
  }
}

// Rounding may leave the mean square below the square of the mean. The least
// that the variance then counts for is 0.
TEST(Rmsprop, CenteredStaysFiniteWhereRoundingMakesTheVarianceNegative) {
  const Weight model(Zeros({1}));
  Rmsprop rmsprop({.learning_rate = 0.5, .epsilon = 0.25, .centered = true});
  const auto state = rmsprop.State(model);
  state[0].parameter.Set(Full({1}, 1));
  state[1].parameter.Set(Full({1}, 1.001));
  rmsprop.Step(model, Gradients({{model.w, Ones({1})}}));
  EXPECT_NEAR(model.w.value().item(), -0.5 * 1 / 0.25, 1e-6);
}

TEST(Rmsprop, ThrowsForOptionsOutOfRange) {
  for (double bad : Negatives()) {
    ExpectBadOption("learning_rate", [&] { Rmsprop({.learning_rate = bad}); });
    ExpectBadOption("epsilon", [&] { Rmsprop({.epsilon = bad}); });
    ExpectBadOption("weight_decay", [&] { Rmsprop({.weight_decay = bad}); });
  }
  for (double bad : NotBelowOne()) {
    ExpectBadOption("smoothing", [&] { Rmsprop({.smoothing = bad}); });
    ExpectBadOption("momentum", [&] { Rmsprop({.momentum = bad}); });
  }
}

}  // namespace
}  // namespace adjoint::optim
