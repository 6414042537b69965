// What all optimizers promise, shown for each row of golden.h.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "framework/base/error.h"
#include "framework/base/parallel_for.h"
#include "framework/core/random.h"
#include "framework/optim/elementwise_optimizer.h"
#include "tests/optim/golden.h"
#include "tests/optim/weight.h"

namespace adjoint::optim {
namespace {

using Point = std::array<double, 4>;

// Two parameters, a [3] and b [1,1], for a point.
class TwoWeights final : public nn::Module {
 public:
  TwoWeights(const Point& p, DType dtype)
      : a(Cast({3}, {p[0], p[1], p[2]}, dtype)),
        b(Cast({1, 1}, {p[3]}, dtype)) {}
  void Visit(nn::Visitor& visit) const override {
    visit("a", a);
    visit("b", b);
  }
  std::string Kind() const override { return "TwoWeights"; }

  static Tensor Cast(const Shape& shape, const std::vector<double>& values,
                     DType dtype) {
    return VisitFloat(dtype, [&](auto zero) {
      using T = decltype(zero);
      const std::vector<T> cast(values.begin(), values.end());
      return FromSpan<T>(shape, cast);
    });
  }

  Point ToPoint() const {
    return VisitFloat(a.value().dtype(), [&](auto zero) {
      const auto x = a.value().data<decltype(zero)>();
      return Point{x[0], x[1], x[2], b.value().item()};
    });
  }

  const nn::Parameter a, b;
};

// Of the sum of (1 - x_i)^2 / 2 + (x_{i+1} - x_i^2)^2 / 4, as in golden.py.
Point GradientAt(const Point& x) {
  Point g;
  for (size_t i = 0; i < x.size(); ++i) g[i] = x[i] - 1;
  for (size_t i = 0; i + 1 < x.size(); ++i) {
    const double d = x[i + 1] - x[i] * x[i];
    g[i] -= d * x[i];
    g[i + 1] += d / 2;
  }
  return g;
}

void ExpectTrajectory(const GoldenTrajectory& golden, DType dtype,
                      double tolerance) {
  const TwoWeights model(golden.weights.at(0), dtype);
  const std::unique_ptr<Optimizer> optimizer = golden.make();
  const double rate = optimizer->learning_rate();
  for (int step = 0; step < kGoldenSteps; ++step) {
    const Point g = GradientAt(model.ToPoint());
    optimizer->set_learning_rate(rate * (1 - step / 40.0));
    optimizer->Step(
        model,
        Gradients({{model.a, TwoWeights::Cast({3}, {g[0], g[1], g[2]}, dtype)},
                   {model.b, TwoWeights::Cast({1, 1}, {g[3]}, dtype)}}));
    EXPECT_EQ(optimizer->steps(), step + 1);
    const auto expected = golden.weights.find(step + 1);
    if (expected == golden.weights.end()) continue;
    for (size_t i = 0; i < g.size(); ++i) {
      EXPECT_NEAR(model.ToPoint()[i], expected->second[i], tolerance)
          << golden.name << ", " << Name(dtype) << ", element " << i
          << " after step " << step + 1;
    }
  }
}

TEST(Optimizers, FollowPyTorchsTrajectories) {
  for (const GoldenTrajectory& golden : GoldenTrajectories()) {
    EXPECT_EQ(golden.weights.rbegin()->first, kGoldenSteps);
    ExpectTrajectory(golden, DType::kF64, 1e-12);
    ExpectTrajectory(golden, DType::kF32, 1e-6);
  }
}

// Steps with a gradient that differs from step to step.
void Steps(const Weight& model, Optimizer& optimizer, int begin, int end) {
  for (int step = begin; step < end; ++step) {
    Rng rng(step);
    const Tensor g = RandomNormal(model.w.value().shape(), 0, 1, rng);
    optimizer.Step(model, Gradients({{model.w, g}}));
  }
}

std::vector<float> Elements(const Tensor& x) {
  const auto data = x.data<float>();
  return {data.begin(), data.end()};
}

Tensor Start(int64_t size) {
  Rng rng(7);
  return RandomNormal({size}, 0, 1, rng);
}

TEST(Optimizers, AreBitwiseEqualForAnyNumberOfThreads) {
  const Tensor start = Start(300'001);  // Several chunks and an odd end.
  for (const GoldenTrajectory& golden : GoldenTrajectories()) {
    std::vector<float> expected;
    for (int threads : {1, 2, 3, 4, 8}) {
      SetNumThreads(threads);
      const Weight model(start);
      Steps(model, *golden.make(), 0, 3);
      if (threads == 1) expected = Elements(model.w);
      EXPECT_EQ(Elements(model.w), expected)
          << golden.name << ", " << threads << " threads";
    }
    EXPECT_NE(expected.back(), Elements(start).back()) << golden.name;
  }
  SetNumThreads(0);
}

TEST(Optimizers, GoOnBitwiseFromTheirStateAndSteps) {
  const Tensor start = Start(9);
  for (const GoldenTrajectory& golden : GoldenTrajectories()) {
    const Weight whole(start), parts(start);
    Steps(whole, *golden.make(), 0, 7);

    const std::unique_ptr<Optimizer> first = golden.make();
    const std::unique_ptr<Optimizer> second = golden.make();
    Steps(parts, *first, 0, 4);
    const auto from = first->State(parts), to = second->State(parts);
    ASSERT_EQ(from.size(), to.size());
    for (size_t i = 0; i < from.size(); ++i) {
      EXPECT_EQ(from[i].name, to[i].name);
      to[i].parameter.Set(from[i].parameter);
    }
    second->set_steps(first->steps());
    Steps(parts, *second, 4, 7);
    EXPECT_EQ(Elements(parts.w), Elements(whole.w)) << golden.name;
  }
}

TEST(Optimizers, ScaleTheGradientsByTheFactorOfAStep) {
  constexpr double kFactor = 0.3;
  Rng rng(1);
  const Tensor g = RandomNormal({2'500}, 0, 1, rng);
  std::vector<float> elements = Elements(g);
  for (float& v : elements) v = static_cast<float>(v * kFactor);
  const Tensor scaled = FromSpan<float>(g.shape(), elements);
  for (const GoldenTrajectory& golden : GoldenTrajectories()) {
    const Weight by_factor(Start(g.size())), by_hand(Start(g.size()));
    const std::unique_ptr<Optimizer> first = golden.make();
    const std::unique_ptr<Optimizer> second = golden.make();
    for (int step = 0; step < 3; ++step) {
      first->Step(by_factor, Gradients({{by_factor.w, g}}),
                  {.gradient_factor = kFactor});
      second->Step(by_hand, Gradients({{by_hand.w, scaled}}));
    }
    EXPECT_THAT(
        Elements(by_factor.w),
        testing::Pointwise(testing::FloatNear(1e-6F), Elements(by_hand.w)))
        << golden.name;
  }
}

// Has the state that it names, and takes another number.
class Miscounting final : public ElementwiseOptimizer<Miscounting> {
 public:
  explicit Miscounting(std::vector<std::string> slots)
      : ElementwiseOptimizer(0.1), slots_(std::move(slots)) {}
  template <class T>
  void Update(const Sweep<T>& sweep) const {
    sweep([](T& w, T g, T& s) { w -= s += g; });
  }

 protected:
  std::vector<std::string> Slots() const override { return slots_; }

 private:
  std::vector<std::string> slots_;
};

TEST(Optimizers, ThrowIfARuleTakesOtherStatesThanAreNamed) {
  const Weight parts(Start(5));
  const Gradients gradients({{parts.w, Ones({5})}});
  EXPECT_NO_THROW(Miscounting({"sum"}).Step(parts, gradients));
  const std::vector<float> before = Elements(parts.w);
  for (const std::vector<std::string>& slots :
       {std::vector<std::string>(), {"sum", "mean"}}) {
    EXPECT_THAT([&] { Miscounting(slots).Step(parts, gradients); },
                testing::ThrowsMessage<ValueError>(
                    absl::StrCat("optimizer: the rule takes states: 1, "
                                 "Slots() names: ",
                                 slots.size())));
  }
  EXPECT_EQ(Elements(parts.w), before);
}

TEST(Optimizers, ThrowForAStepBelowZero) {
  for (const GoldenTrajectory& golden : GoldenTrajectories()) {
    EXPECT_THROW(golden.make()->set_steps(-1), ValueError);
  }
}

}  // namespace
}  // namespace adjoint::optim
