#include "framework/inspect/module_paths.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "framework/autograd/checkpoint.h"
#include "framework/autograd/custom_vjp.h"
#include "framework/autograd/grad.h"
#include "framework/nn/activation.h"
#include "framework/nn/linear.h"
#include "framework/nn/module.h"
#include "framework/nn/sequential.h"
#include "framework/ops/arithmetic.h"
#include "framework/ops/elementwise.h"
#include "framework/ops/reduce.h"

namespace adjoint::inspect {
namespace {

// Remembers "op module" of each op, backward ones by themselves.
class Recorder final : public Observer {
 public:
  void OnOp(const OpEvent& event) override {
    (event.backward ? backward : forward)
        .push_back(std::string(event.op) + " " + *paths_.Of(event));
  }

  std::vector<std::string> forward, backward;

 private:
  ModulePaths paths_;
};

// y = 3 x, by a rule of its own and hence a node without an op.
class Triple final : public nn::Layer {
 public:
  std::string Kind() const override { return "Triple"; }
  Tensor Forward(const Tensor& x, const nn::Pass&) const override {
    return CustomVjp(
        [](absl::Span<const Tensor> xs) { return xs[0] * Full({}, 3); },
        [](const Tensor& dy, const Tensor&, absl::Span<const Tensor>) {
          return std::vector<Tensor>{dy * Full({}, 3)};
        },
        {x});
  }
};

// y = exp(exp(x)), of which the graph keeps x alone.
class Thrifty final : public nn::Layer {
 public:
  std::string Kind() const override { return "Thrifty"; }
  Tensor Forward(const Tensor& x, const nn::Pass&) const override {
    return Checkpoint([](const Tensor& at) { return Exp(Exp(at)); }, x);
  }
};

// Whether all of `ops` are of one of these modules, in this order.
void ExpectModules(const std::vector<std::string>& ops,
                   const std::vector<std::string>& modules) {
  std::vector<std::string> seen;
  for (const std::string& op : ops) {
    const std::string module = op.substr(op.find(' ') + 1);
    if (seen.empty() || seen.back() != module) seen.push_back(module);
  }
  EXPECT_EQ(seen, modules);
}

TEST(ModulePaths, OfBackwardAreThoseOfForwardInReverse) {
  Rng rng(1);
  nn::Sequential inner(nn::Linear(2, 2, rng), nn::Tanh());
  const nn::Sequential model(std::move(inner), nn::Linear(2, 1, rng));
  Recorder recorder;
  const ObserverScope observe(&recorder);
  for (int step = 0; step < 2; ++step) {
    Grad(Sum(Square(model(Ones({3, 2})))), model);
  }
  EXPECT_EQ(recorder.forward,
            (std::vector<std::string>{
                "linear 0.0", "tanh 0.1", "linear 1", "square ", "sum ",
                "linear 0.0", "tanh 0.1", "linear 1", "square ", "sum "}));
  ExpectModules(recorder.backward,
                {"", "1", "0.1", "0.0", "", "1", "0.1", "0.0"});
}

TEST(ModulePaths, OfGradientsOfGradientsAreThoseOfTheFirstPass) {
  const nn::Sequential model{nn::Tanh(), nn::Sigmoid()};
  const Tensor x = Leaf(Ones({2}));
  Recorder recorder;
  const ObserverScope observe(&recorder);
  const Tensor dx = Grad(Sum(model(x)), {x}, {.create_graph = true})[0];
  recorder.backward.clear();
  Grad(Sum(dx), {x});
  // Back through the rule of tanh, then that of sigmoid, then the two
  // themselves.
  ASSERT_FALSE(recorder.backward.empty());
  for (const char* module : {"0", "1"}) {
    const auto is_of = [&](const std::string& op) {
      return op.substr(op.find(' ') + 1) == module;
    };
    EXPECT_TRUE(
        std::any_of(recorder.backward.begin(), recorder.backward.end(), is_of))
        << module;
  }
  EXPECT_EQ(
      recorder.backward.back().substr(recorder.backward.back().find(' ') + 1),
      "0");
}

TEST(ModulePaths, OfANodeWithoutAnOpIsThatOfTheOpBeforeIt) {
  const nn::Sequential model{Triple(), nn::Tanh(), Triple()};
  const Tensor x = Leaf(Ones({2}));
  Recorder recorder;
  const ObserverScope observe(&recorder);
  Grad(Sum(model(x)), {x});
  ExpectModules(recorder.backward, {"", "2", "1", "0"});
}

TEST(ModulePaths, OfWhatACheckpointComputesAgainIsItsOwn) {
  const nn::Sequential model{nn::Tanh(), Thrifty(), nn::Sigmoid()};
  const Tensor x = Leaf(Ones({2}));
  Recorder recorder;
  const ObserverScope observe(&recorder);
  Grad(Sum(model(x)), {x});
  ExpectModules(recorder.backward, {"", "2", "1", "0"});
}

}  // namespace
}  // namespace adjoint::inspect
