#include "framework/optim/sgd.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "framework/base/error.h"
#include "framework/base/parallel_for.h"
#include "framework/core/random.h"
#include "framework/nn/linear.h"
#include "framework/nn/sequential.h"
#include "tests/optim/weight.h"

namespace adjoint::optim {
namespace {

using Doubles = std::vector<double>;

template <class T>
Tensor ToTensor(const Doubles& values) {
  const std::vector<T> cast(values.begin(), values.end());
  return FromSpan<T>({static_cast<int64_t>(values.size())}, cast);
}

// A gradient that changes from step to step and with the weight.
Doubles GradientAt(const Doubles& w, int step) {
  Doubles g;
  for (size_t i = 0; i < w.size(); ++i) {
    g.push_back(0.5 * w[i] + std::sin(1.7 * step + static_cast<double>(i)));
  }
  return g;
}

// PyTorch's recurrence (torch.optim.SGD, with dampening 0), one element at a
// time.
struct PlainSgd {
  SgdOptions options;
  Doubles w, v;

  void Step(const Doubles& gradient) {
    for (size_t i = 0; i < w.size(); ++i) {
      double g = gradient[i] + options.weight_decay * w[i];
      if (options.momentum != 0) {
        v[i] = options.momentum * v[i] + g;
        g = options.nesterov ? g + options.momentum * v[i] : v[i];
      }
      w[i] -= options.learning_rate * g;
    }
  }
};

std::vector<SgdOptions> AllOptions() {
  return {
      {.learning_rate = 0.1},
      {.learning_rate = 0.1, .weight_decay = 0.3},
      {.learning_rate = 0.1, .momentum = 0.9},
      {.learning_rate = 0.1, .momentum = 0.9, .weight_decay = 0.3},
      {.learning_rate = 0.1, .momentum = 0.8, .nesterov = true},
      {.learning_rate = 0.1,
       .momentum = 0.8,
       .nesterov = true,
       .weight_decay = 0.3},
  };
}

template <class T>
void ExpectTrajectory(const SgdOptions& options, double tolerance) {
  const Doubles start = {1, -2, 0.5, 3, 0};
  const Weight model(ToTensor<T>(start));
  PlainSgd plain = {options, start, Doubles(start.size())};
  Sgd sgd(options);
  for (int step = 1; step <= 20; ++step) {
    const Doubles g = GradientAt(plain.w, step);
    plain.Step(g);
    sgd.Step(model, Gradients({{model.w, ToTensor<T>(g)}}));
    EXPECT_EQ(sgd.steps(), step);
    for (size_t i = 0; i < start.size(); ++i) {
      ASSERT_NEAR(model.w.value().template data<T>()[i], plain.w[i], tolerance)
          << "element " << i << ", step " << step << ", momentum "
          << options.momentum << ", nesterov " << options.nesterov
          << ", weight decay " << options.weight_decay;
    }
  }
}

TEST(Sgd, FollowsPyTorchsRecurrence) {
  for (const SgdOptions& options : AllOptions()) {
    ExpectTrajectory<double>(options, 1e-14);
    ExpectTrajectory<float>(options, 1e-5);
  }
}

TEST(Sgd, TakesANewLearningRateFromTheNextStepOn) {
  const Weight model(Ones({1}));
  Sgd sgd({.learning_rate = 0.5});
  const Gradients gradients({{model.w, Ones({1})}});
  sgd.Step(model, gradients);
  EXPECT_EQ(model.w.value().item(), 0.5);
  sgd.set_learning_rate(0.25);
  EXPECT_EQ(sgd.learning_rate(), 0.25);
  sgd.Step(model, gradients);
  EXPECT_EQ(model.w.value().item(), 0.25);
}

TEST(Sgd, IsBitwiseEqualForAnyNumberOfThreads) {
  constexpr int64_t kSize = 300'001;  // Many chunks and an odd end.
  Rng rng(1);
  const Tensor start = RandomNormal({kSize}, 0, 1, rng);
  const Tensor gradient = RandomNormal({kSize}, 0, 1, rng);
  for (const SgdOptions& options : AllOptions()) {
    std::vector<float> expected;
    for (int threads : {1, 2, 3, 8}) {
      SetNumThreads(threads);
      const Weight model(start);
      Sgd sgd(options);
      for (int step = 0; step < 3; ++step) {
        sgd.Step(model, Gradients({{model.w, gradient}}));
      }
      const auto w = model.w.value().data<float>();
      if (threads == 1) expected.assign(w.begin(), w.end());
      EXPECT_TRUE(std::equal(w.begin(), w.end(), expected.begin()))
          << threads << " threads, momentum " << options.momentum;
    }
    EXPECT_NE(expected[kSize - 1], start.data<float>()[kSize - 1]);
  }
  SetNumThreads(0);
}

nn::Sequential Mlp() {
  Rng rng(1);
  return nn::Sequential(nn::Linear(2, 3, rng), nn::Linear(3, 2, rng));
}

TEST(Sgd, NamesItsStateBySlotAndParameter) {
  const nn::Sequential mlp = Mlp();
  EXPECT_TRUE(Sgd().State(mlp).empty());
  Sgd sgd({.momentum = 0.9});
  std::vector<std::string> names;
  for (const nn::NamedParameter& s : sgd.State(mlp)) {
    names.push_back(s.name);
    for (float v : s.parameter.value().data<float>()) EXPECT_EQ(v, 0);
  }
  EXPECT_EQ(names,
            (std::vector<std::string>{"velocity/0.weight", "velocity/0.bias",
                                      "velocity/1.weight", "velocity/1.bias"}));
}

TEST(Sgd, GoesOnFromAStateThatWasSet) {
  const Weight model(Ones({1}));
  Sgd sgd({.learning_rate = 1, .momentum = 0.5});
  sgd.State(model)[0].parameter.Set(Full({1}, 4));
  sgd.Step(model, Gradients({{model.w, Zeros({1})}}));
  // v = 0.5 * 4 and w = 1 - v.
  EXPECT_EQ(model.w.value().item(), -1);
  EXPECT_EQ(sgd.State(model)[0].parameter.value().item(), 2);
}

TEST(Sgd, FindsGradientsInAnyOrderAndMissesNone) {
  const nn::Sequential mlp = Mlp();
  Gradients::Items items;
  for (const nn::NamedParameter& p : nn::Parameters(mlp)) {
    const Tensor& w = p.parameter.value();
    items.insert(items.begin(), {p.parameter, w.Detach()});
  }
  Sgd sgd({.learning_rate = 1});
  sgd.Step(mlp, Gradients(items));  // w -= w
  for (const nn::NamedParameter& p : nn::Parameters(mlp)) {
    for (float w : p.parameter.value().data<float>()) EXPECT_EQ(w, 0);
  }
  items.pop_back();
  EXPECT_THROW(sgd.Step(mlp, Gradients(items)), ValueError);
}

TEST(Sgd, ThrowsForOptionsOutOfRange) {
  constexpr double kInf = std::numeric_limits<double>::infinity();
  const double nan = std::nan("");
  for (double bad : {-0.1, kInf, nan}) {
    EXPECT_THROW(Sgd({.learning_rate = bad}), ValueError);
    EXPECT_THROW(Sgd({.weight_decay = bad}), ValueError);
    EXPECT_THROW(Sgd().set_learning_rate(bad), ValueError);
  }
  for (double bad : {-0.1, 1.0, nan}) {
    EXPECT_THROW(Sgd({.momentum = bad}), ValueError);
  }
  EXPECT_THROW(Sgd({.nesterov = true}), ValueError);
  EXPECT_NO_THROW(Sgd({.learning_rate = 0}));
}

}  // namespace
}  // namespace adjoint::optim
