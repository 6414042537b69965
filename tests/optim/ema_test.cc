#include "framework/optim/ema.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "framework/base/parallel_for.h"
#include "framework/core/random.h"
#include "framework/nn/linear.h"
#include "tests/optim/options.h"
#include "tests/optim/weight.h"

namespace adjoint::optim {
namespace {

Tensor F64(double value) { return Full({1}, value, DType::kF64); }

// After n updates with the weights w_1, ..., w_n from w_0 on, the average is
// d^n w_0 + (1 - d) (d^(n-1) w_1 + ... + w_n).
TEST(Ema, IsTheWeightedSumOfAllWeights) {
  constexpr double kDecay = 0.8;
  const std::vector<double> weights = {3, -1, 4, 1, -5, 9};
  const Weight model(F64(weights[0]));
  Ema ema(model, {.decay = kDecay});
  const int n = static_cast<int>(weights.size()) - 1;
  for (int t = 1; t <= n; ++t) {
    model.w.Set(F64(weights[t]));
    ema.Update(model);
  }
  double expected = std::pow(kDecay, n) * weights[0];
  for (int t = 1; t <= n; ++t) {
    expected += (1 - kDecay) * std::pow(kDecay, n - t) * weights[t];
  }
  ASSERT_EQ(ema.State().size(), 1u);
  EXPECT_EQ(ema.State()[0].name, "w");
  EXPECT_NEAR(ema.State()[0].parameter.value().item(), expected, 1e-14);
  EXPECT_EQ(model.w.value().item(), 9);  // The model is left alone.
}

TEST(Ema, SwapsToAndFro) {
  const Weight model(F64(1));
  Ema ema(model);
  model.w.Set(F64(2));
  ema.Swap(model);
  EXPECT_EQ(model.w.value().item(), 1);
  EXPECT_EQ(ema.State()[0].parameter.value().item(), 2);
  ema.Swap(model);
  EXPECT_EQ(model.w.value().item(), 2);
  EXPECT_EQ(ema.State()[0].parameter.value().item(), 1);
}

TEST(Ema, CopiesToAnotherModelOfTheSameForm) {
  const Weight model(F64(1)), other(F64(7));
  const Ema ema(model);
  ema.CopyTo(other);
  EXPECT_EQ(other.w.value().item(), 1);
  EXPECT_EQ(model.w.value().item(), 1);
  other.w.Set(F64(3));
  EXPECT_EQ(ema.State()[0].parameter.value().item(), 1);
}

// A weight, a running statistic and a counter.
class Parts final : public nn::Module {
 public:
  void Visit(nn::Visitor& visit) const override {
    visit("weight", weight);
    visit("statistic", statistic);
    visit("counter", counter);
  }
  std::string Kind() const override { return "Parts"; }

  const nn::Parameter weight{Zeros({1})};
  const nn::Parameter statistic{Zeros({1}), {.trainable = false}};
  const nn::Parameter counter{Zeros({1}, DType::kI32), {.trainable = false}};
};

TEST(Ema, AveragesRunningStatisticsAndLeavesIntegers) {
  const Parts model;
  Ema ema(model, {.decay = 0.5});
  model.weight.Set(Full({1}, 4));
  model.statistic.Set(Full({1}, 8));
  model.counter.Set(Full({1}, 2, DType::kI32));
  ema.Update(model);
  ema.CopyTo(model);
  EXPECT_EQ(model.weight.value().item(), 2);
  EXPECT_EQ(model.statistic.value().item(), 4);
  EXPECT_EQ(model.counter.value().item(), 2);
}

TEST(Ema, IsBitwiseEqualForAnyNumberOfThreads) {
  Rng rng(1);
  const Tensor before = RandomNormal({300'001}, 0, 1, rng);
  const Tensor after = RandomNormal({300'001}, 0, 1, rng);
  std::vector<float> expected;
  for (int threads : {1, 2, 3, 4, 8}) {
    SetNumThreads(threads);
    const Weight model(before);
    Ema ema(model);
    model.w.Set(after);
    ema.Update(model);
    const auto data = ema.State()[0].parameter.value().data<float>();
    const std::vector<float> average(data.begin(), data.end());
    if (threads == 1) expected = average;
    EXPECT_EQ(average, expected) << threads;
  }
  EXPECT_FLOAT_EQ(expected.back(), 0.999f * before.data<float>()[300'000] +
                                       0.001f * after.data<float>()[300'000]);
  SetNumThreads(0);
}

// A Weight whose parameter has another name.
class Renamed final : public nn::Module {
 public:
  void Visit(nn::Visitor& visit) const override { visit("v", v); }
  std::string Kind() const override { return "Renamed"; }

  const nn::Parameter v{F64(1)};
};

TEST(Ema, ThrowsForOtherModelsAndForADecayOutOfRange) {
  const Weight model(F64(1));
  Ema ema(model);
  Rng rng(1);
  EXPECT_THROW(ema.Update(nn::Linear(1, 1, rng)), ValueError);
  EXPECT_THROW(ema.Update(Renamed()), ValueError);
  EXPECT_THROW(ema.CopyTo(Weight(Ones({1}))), ValueError);
  EXPECT_THROW(ema.Swap(Weight(Zeros({2}, DType::kF64))), ValueError);
  EXPECT_EQ(ema.State()[0].parameter.value().item(), 1);
  for (double bad : NotBelowOne()) {
    ExpectBadOption("decay", [&] { Ema(model, {.decay = bad}); });
  }
}

}  // namespace
}  // namespace adjoint::optim
