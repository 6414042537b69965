#include "framework/optim/adagrad.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/optim/options.h"
#include "tests/optim/weight.h"

namespace adjoint::optim {
namespace {

TEST(Adagrad, NamesItsState) {
  const Weight model(Zeros({2}));
  const auto state = Adagrad().State(model);
  ASSERT_EQ(state.size(), 1u);
  EXPECT_EQ(state[0].name, "sum_of_squares/w");
}

// With constant gradients g the sum after t steps is t g^2.
TEST(Adagrad, StepsShrinkWithTheRootOfTheirNumber) {
  const Weight model(Zeros({2}, DType::kF64));
  Adagrad adagrad({.learning_rate = 0.5, .epsilon = 0});
  double expected = 0;
  for (int t = 1; t <= 50; ++t) {
    adagrad.Step(model,
                 Gradients({{model.w, FromValues<double>({2}, {3, -0.01})}}));
    expected -= 0.5 / std::sqrt(t);
    EXPECT_NEAR(model.w.value().data<double>()[0], expected, 1e-12);
    EXPECT_NEAR(model.w.value().data<double>()[1], -expected, 1e-12);
  }
}

TEST(Adagrad, ThrowsForOptionsOutOfRange) {
  for (double bad : Negatives()) {
    ExpectBadOption("learning_rate", [&] { Adagrad({.learning_rate = bad}); });
    ExpectBadOption("learning_rate_decay",
                    [&] { Adagrad({.learning_rate_decay = bad}); });
    ExpectBadOption("epsilon", [&] { Adagrad({.epsilon = bad}); });
    ExpectBadOption("initial_accumulator",
                    [&] { Adagrad({.initial_accumulator = bad}); });
    ExpectBadOption("weight_decay", [&] { Adagrad({.weight_decay = bad}); });
  }
}

}  // namespace
}  // namespace adjoint::optim
