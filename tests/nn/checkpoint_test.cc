#include "framework/nn/checkpoint.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "framework/base/error.h"
#include "framework/core/memory.h"
#include "framework/core/random.h"
#include "framework/nn/activation.h"
#include "framework/nn/dropout.h"
#include "framework/nn/linear.h"
#include "framework/nn/sequential.h"
#include "framework/ops/arithmetic.h"
#include "framework/ops/elementwise.h"
#include "framework/ops/reduce.h"
#include "framework/optim/sgd.h"

namespace adjoint::nn {
namespace {

using Floats = std::vector<float>;

Floats Values(const Tensor& x) {
  return {x.data<float>().begin(), x.data<float>().end()};
}

// y = mean x in training, where the mean is a running one that moves on by 1.
class Running final : public Layer {
 public:
  Running() : mean_(Full({1}, 3), {.trainable = false}) {}
  void Visit(Visitor& visit) const override { visit("mean", mean_); }
  std::string Kind() const override { return "Running"; }
  Tensor Forward(const Tensor& x, const Pass& pass) const override {
    const Tensor y = x * mean_;
    if (pass.training) mean_.MutableData<float>()[0] += 1;
    return y;
  }

 private:
  Parameter mean_;
};

Sequential Block(int64_t size, Rng& rng) {
  return Sequential(Linear(size, size, rng), Tanh(), Dropout(0.5), Running(),
                    Linear(size, size, rng), Tanh());
}

// Two blocks and a head.
Sequential Model(bool checkpointed, int64_t size = 6) {
  Rng rng(1);
  Sequential model;
  for (int i = 0; i < 2; ++i) {
    Sequential block = Block(size, rng);
    if (checkpointed) {
      model.Add(Checkpoint(std::move(block)));
    } else {
      model.Add(std::move(block));
    }
  }
  model.Add(Linear(size, 1, rng));
  return model;
}

Tensor Input(int64_t size = 6) {
  Rng rng(5);
  return RandomNormal({4, size}, 0, 1, rng);
}

TEST(Checkpoint, HidesBehindTheNamesOfTheLayer) {
  const Sequential plain = Model(false), checkpointed = Model(true);
  const auto want = Parameters(plain), got = Parameters(checkpointed);
  ASSERT_EQ(got.size(), want.size());
  for (size_t i = 0; i < got.size(); ++i) EXPECT_EQ(got[i].name, want[i].name);
  EXPECT_EQ(got[0].name, "0.0.weight");
  EXPECT_EQ(Modules(checkpointed)[1].module->Kind(), "Checkpoint Sequential");
}

TEST(Checkpoint, TrainsBitForBitAsWithoutIt) {
  const Sequential plain = Model(false), checkpointed = Model(true);
  const auto train = [](const Sequential& model) {
    Rng rng(9);
    optim::Sgd sgd({.learning_rate = 0.1, .momentum = 0.9});
    for (int step = 0; step < 4; ++step) {
      Tensor loss =
          Sum(Square(model(Input(), {.training = true, .rng = &rng})));
      sgd.Step(model, Grad(std::move(loss), model));
    }
    return rng.state();
  };
  EXPECT_EQ(train(plain), train(checkpointed));
  const auto want = Parameters(plain), got = Parameters(checkpointed);
  for (size_t i = 0; i < got.size(); ++i) {
    EXPECT_EQ(Values(got[i].parameter), Values(want[i].parameter))
        << want[i].name;
  }
  EXPECT_EQ(Values(got[2].parameter), Floats{3 + 4});  // Running's mean.
}

TEST(Checkpoint, EvaluatesAsWithoutIt) {
  const NoGrad no_grad;
  EXPECT_EQ(Values(Model(true)(Input())), Values(Model(false)(Input())));
}

// The same layer twice: its weights are behind the second one's input.
TEST(Checkpoint, GivesTheSecondDerivativesOfSharedWeights) {
  const auto gradients = [](bool checkpointed) {
    Rng rng(1);
    auto plain = std::make_unique<Sequential>(Linear(6, 6, rng), Tanh());
    std::unique_ptr<Layer> layer;
    if (checkpointed) {
      layer = std::make_unique<Checkpoint>(std::move(*plain));
    } else {
      layer = std::move(plain);
    }
    const Tensor x = Leaf(Input());
    const Tensor y = Sum(Square((*layer)((*layer)(x))));
    const Tensor dx = Grad(y, {x}, {.create_graph = true})[0];
    return Grad(Sum(Square(dx)), *layer);
  };
  const Gradients want = gradients(false), got = gradients(true);
  for (size_t i = 0; i < want.items().size(); ++i) {
    const Floats a = Values(got.items()[i].gradient);
    const Floats b = Values(want.items()[i].gradient);
    for (size_t j = 0; j < a.size(); ++j) {
      EXPECT_NEAR(a[j], b[j], 1e-5 * (1 + std::abs(b[j]))) << i << ", " << j;
    }
    EXPECT_NE(b[0], 0);
  }
}

TEST(Checkpoint, KeepsLessForBackward) {
  constexpr int64_t kSize = 64;
  const auto held_by = [](const Sequential& model) {
    Rng rng(9);
    const Tensor x = Zeros({4096, kSize});  // 1 MiB
    const int64_t before = GetMemoryStats().live;
    const Tensor loss = Sum(model(x, {.training = true, .rng = &rng}));
    return (GetMemoryStats().live - before) >> 20;
  };
  EXPECT_GE(held_by(Model(false, kSize)), 8);
  EXPECT_LE(held_by(Model(true, kSize)), 3);
}

TEST(Checkpoint, OfAStaleGraphGivesTheOldGradient) {
  const Sequential model = Model(true);
  Rng rng(9);
  const Tensor loss =
      Sum(Square(model(Input(), {.training = true, .rng = &rng})));
  const Gradients before = Grad(loss, model);
  for (const NamedParameter& p : Parameters(model)) {
    for (float& w : p.parameter.MutableData<float>()) w += 1;
  }
  const Floats changed = Values(Parameters(model)[0].parameter);
  const Gradients after = Grad(loss, model);
  for (size_t i = 0; i < before.items().size(); ++i) {
    EXPECT_EQ(Values(after.items()[i].gradient),
              Values(before.items()[i].gradient));
  }
  EXPECT_EQ(Values(Parameters(model)[0].parameter), changed);
}

TEST(Checkpoint, ANormalTrainingLoopCopiesNoWeights) {
  Rng rng(1);
  const Sequential model(Checkpoint(Linear(4, 4, rng)),
                         Checkpoint(Linear(4, 1, rng)));
  optim::Sgd sgd({.learning_rate = 0.1});
  const int64_t before = Parameter::CopiesMade();
  for (int step = 0; step < 5; ++step) {
    Tensor loss = Sum(Square(model(Ones({2, 4}))));
    sgd.Step(model, Grad(std::move(loss), model));
  }
  EXPECT_EQ(Parameter::CopiesMade(), before);
}

TEST(Checkpoint, OutlivesItsModelInAGraph) {
  const Tensor x = Leaf(Input());
  const auto loss_of = [&](bool checkpointed) {
    const Sequential model = Model(checkpointed);
    return Sum(Square(model(x)));
  };
  EXPECT_EQ(Values(Grad(loss_of(true), {x})[0]),
            Values(Grad(loss_of(false), {x})[0]));
}

// Adds a tensor that is not a parameter.
class Offset final : public Layer {
 public:
  explicit Offset(const Tensor& by) : by_(by) {}
  std::string Kind() const override { return "Offset"; }
  Tensor Forward(const Tensor& x, const Pass&) const override {
    return x + by_;
  }

 private:
  Tensor by_;
};

TEST(Checkpoint, ThrowsIfTheLayerReadsAHistoryThatIsNotItsOwn) {
  const Sequential model(
      Tanh(), Checkpoint(Sequential(Tanh(), Offset(Leaf(Ones({6}))))));
  try {
    model(Input());
    FAIL() << "a gradient was lost";
  } catch (const ValueError& e) {
    EXPECT_TRUE(absl::EndsWith(e.what(), "f32 [6] in add (in 1.1)"))
        << e.what();
  }
}

}  // namespace
}  // namespace adjoint::nn
