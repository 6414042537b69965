// What a user defines outside the framework works as what is inside.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "framework/adjoint.h"
#include "tests/examples/adagrad.h"
#include "tests/examples/highway.h"
#include "tests/examples/softsign.h"

namespace examples {
namespace {

namespace ad = adjoint;

TEST(UserOp, IsInTheCatalogWithoutBeingRegistered) {
  const std::vector<ad::CatalogEntry>& all = ad::Catalog();
  const auto found = std::find_if(
      all.begin(), all.end(),
      [](const ad::CatalogEntry& entry) { return entry.name == "softsign"; });
  ASSERT_NE(found, all.end());
  EXPECT_TRUE(found->differentiable);
  EXPECT_EQ(found->arity, 1);
}

TEST(UserOp, IsDifferentiableToSecondOrder) {
  for (double at : {-3.0, -0.5, 0.25, 2.0}) {
    const ad::Tensor x = ad::Leaf(ad::FromValues<double>({}, {at}));
    const ad::Tensor y = Softsign(x);
    const ad::Tensor dx = ad::Grad(y, {x}, {.create_graph = true})[0];
    const double d = 1 + std::abs(at);
    EXPECT_DOUBLE_EQ(y.item(), at / d);
    EXPECT_DOUBLE_EQ(dx.item(), 1 / (d * d));
    // -2 sign(x) / (1 + |x|)^3
    EXPECT_DOUBLE_EQ(ad::Grad(dx, {x})[0].item(),
                     (at < 0 ? 2 : -2) / (d * d * d));
  }
}

TEST(UserLayer, HasNamedParametersAndErrorsWithItsPath) {
  ad::Rng rng(1);
  const ad::nn::Sequential model(Highway(3, rng));
  std::vector<std::string> names;
  for (const auto& p : ad::nn::Parameters(model)) names.push_back(p.name);
  EXPECT_EQ(names, (std::vector<std::string>{"0.hidden.weight", "0.hidden.bias",
                                             "0.gate.weight", "0.gate.bias"}));
  try {
    model(ad::Ones({2, 4}));
    FAIL() << "four features were taken for three";
  } catch (const ad::ShapeError& e) {
    EXPECT_NE(std::string(e.what()).find("(in 0.gate)"), std::string::npos)
        << e.what();
  }
}

TEST(UserOptimizer, FollowsItsRecurrence) {
  ad::Rng rng(1);
  const ad::nn::Linear model(1, 1, rng, {.bias = false});
  const ad::nn::Parameter w = model.weight();
  w.Set(ad::Ones({1, 1}));
  Adagrad adagrad(0.5);
  double plain = 1, sum = 0;
  for (double g : {2.0, -1.0, 0.5, 3.0}) {
    adagrad.Step(model, ad::Gradients({{w, ad::Full({1, 1}, g)}}));
    sum += g * g;
    plain -= 0.5 * g / std::sqrt(sum);
    EXPECT_NEAR(w.value().item(), plain, 1e-6);
  }
  const auto state = adagrad.State(model);
  ASSERT_EQ(state.size(), 1u);
  EXPECT_EQ(state[0].name, "sum_of_squares/weight");
  EXPECT_EQ(state[0].parameter.value().item(), 14.25);
}

TEST(UserParts, TrainTogetherOnExclusiveOr) {
  const ad::data::TensorDataset dataset(
      ad::FromValues({4, 2}, {0, 0, 0, 1, 1, 0, 1, 1}),
      ad::FromValues<int32_t>({4}, {0, 1, 1, 0}));
  ad::Rng rng(1);
  const ad::nn::Sequential model(ad::nn::Linear(2, 8, rng), Highway(8, rng),
                                 ad::nn::Linear(8, 2, rng));
  Adagrad adagrad(0.2);
  const ad::train::TrainResult result =
      ad::train::Train(model, adagrad, dataset, dataset,
                       {.epochs = 300, .batch_size = 4, .seed = 1});
  EXPECT_EQ(result.exit_reason, "completed");
  EXPECT_EQ(result.epochs.back().test.accuracy(), 1);
  EXPECT_LT(result.epochs.back().test.loss(), 0.05);
}

}  // namespace
}  // namespace examples
