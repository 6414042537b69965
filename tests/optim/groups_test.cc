// Parameter groups. That they do what PyTorch's do is shown by the rows of
// golden.h that have one.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "framework/base/error.h"
#include "framework/nn/linear.h"
#include "framework/nn/sequential.h"
#include "framework/optim/adam.h"
#include "framework/optim/sgd.h"
#include "tests/optim/options.h"

namespace adjoint::optim {
namespace {

using Floats = std::vector<float>;

Floats Values(const Tensor& x) {
  return {x.data<float>().begin(), x.data<float>().end()};
}

// Parameters 0.weight, 0.bias, 1.weight and 1.bias, all ones.
nn::Sequential Model() {
  Rng rng(1);
  const auto ones = nn::init::Constant(1);
  return nn::Sequential(
      nn::Linear(2, 2, rng, {.weight_init = ones, .bias_init = ones}),
      nn::Linear(2, 2, rng, {.weight_init = ones, .bias_init = ones}));
}

Gradients Filled(const nn::Sequential& model, double value) {
  Gradients::Items items;
  for (const nn::NamedParameter& p : nn::Parameters(model)) {
    items.push_back({p.parameter, Full(p.parameter.value().shape(), value)});
  }
  return Gradients(items);
}

Tensor Parameter(const nn::Sequential& model, absl::string_view name) {
  for (const nn::NamedParameter& p : nn::Parameters(model)) {
    if (p.name == name) return p.parameter;
  }
  return Tensor();
}

float First(const nn::Sequential& model, absl::string_view name) {
  return Values(Parameter(model, name))[0];
}

bool IsBias(absl::string_view name) { return absl::EndsWith(name, "bias"); }
bool IsFirst(absl::string_view name) { return absl::StartsWith(name, "0."); }
bool IsAny(absl::string_view) { return true; }

TEST(ParameterGroup, IsMatchedByDottedNamesAndTheFirstWins) {
  const nn::Sequential model = Model();
  Sgd sgd({.learning_rate = 0.5});
  std::vector<std::string> names;
  sgd.AddGroup({.matches = [&](absl::string_view name) {
    names.push_back(std::string(name));
    return false;
  }});
  sgd.AddGroup({.matches = IsBias, .learning_rate_factor = 2});
  sgd.AddGroup({.matches = IsFirst, .learning_rate_factor = 0.5});
  sgd.Step(model, Filled(model, 1));
  EXPECT_EQ(names, (std::vector<std::string>{"0.weight", "0.bias", "1.weight",
                                             "1.bias"}));
  EXPECT_EQ(First(model, "0.weight"), 1 - 0.25);
  EXPECT_EQ(First(model, "0.bias"), 1 - 1);
  EXPECT_EQ(First(model, "1.weight"), 1 - 0.5);
  EXPECT_EQ(First(model, "1.bias"), 1 - 1);
}

TEST(ParameterGroup, HasItsOwnWeightDecayOrThatOfTheOptions) {
  const nn::Sequential model = Model();
  Sgd sgd({.learning_rate = 0.5, .weight_decay = 0.5});
  sgd.AddGroup({.matches = IsBias, .weight_decay = 0});
  sgd.AddGroup({.matches = IsFirst, .learning_rate_factor = 2});
  sgd.Step(model, Filled(model, 0));
  EXPECT_EQ(First(model, "0.bias"), 1);
  EXPECT_EQ(First(model, "0.weight"), 1 - 2 * 0.5 * 0.5);
  EXPECT_EQ(First(model, "1.weight"), 1 - 0.5 * 0.5);
}

TEST(ParameterGroup, OfFactorZeroIsFrozenWithItsState) {
  const nn::Sequential model = Model();
  Adam adam({.learning_rate = 0.1, .weight_decay = 0.1});
  adam.Step(model, Filled(model, 1));
  const auto state_of = [&] {
    std::vector<Floats> all;
    for (const nn::NamedParameter& s : adam.State(model)) {
      if (absl::StrContains(s.name, "/0.")) all.push_back(Values(s.parameter));
    }
    return all;
  };
  const Floats weight = Values(Parameter(model, "0.weight"));
  const std::vector<Floats> state = state_of();
  EXPECT_EQ(state.size(), 4u);
  const float other = First(model, "1.weight");

  adam.AddGroup({.matches = IsFirst, .learning_rate_factor = 0});
  adam.Step(model, Filled(model, 2));
  EXPECT_EQ(Values(Parameter(model, "0.weight")), weight);
  EXPECT_EQ(state_of(), state);
  EXPECT_NE(First(model, "1.weight"), other);
  // It needs no gradient either.
  Gradients::Items items = Filled(model, 1).items();
  items.erase(items.begin(), items.begin() + 2);
  EXPECT_NO_THROW(adam.Step(model, Gradients(items)));
}

TEST(ParameterGroup, FollowsTheScheduleAndShowsNoRateOfItsOwnOutside) {
  const nn::Sequential model = Model();
  Sgd sgd({.learning_rate = 1});
  sgd.AddGroup({.matches = IsAny, .learning_rate_factor = 0.5});
  sgd.set_learning_rate(0.25);
  sgd.Step(model, Filled(model, 1));
  EXPECT_EQ(First(model, "1.weight"), 1 - 0.25 * 0.5);
  EXPECT_EQ(sgd.learning_rate(), 0.25);
  // Not even after a step that failed on its way.
  EXPECT_THROW(sgd.Step(model, Gradients()), ValueError);
  EXPECT_EQ(sgd.learning_rate(), 0.25);
}

TEST(ParameterGroup, ThrowsForValuesOutOfRange) {
  Sgd sgd;
  for (double bad : Negatives()) {
    ExpectBadOption("learning_rate_factor", [&] {
      sgd.AddGroup({.matches = IsAny, .learning_rate_factor = bad});
    });
    ExpectBadOption("weight_decay", [&] {
      sgd.AddGroup({.matches = IsAny, .weight_decay = bad});
    });
  }
  EXPECT_THROW(sgd.AddGroup({}), ValueError);
}

}  // namespace
}  // namespace adjoint::optim
