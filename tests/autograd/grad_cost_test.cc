// What differentiation costs: ops, memory and stack.

#include <gtest/gtest.h>
#include <pthread.h>

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "framework/autograd/grad.h"
#include "framework/core/memory.h"
#include "framework/core/observer.h"
#include "framework/ops/arithmetic.h"
#include "framework/ops/elementwise.h"
#include "framework/ops/matmul.h"
#include "framework/ops/reduce.h"
#include "tests/autograd/values.h"

namespace adjoint {
namespace {

class BackwardOps final : public Observer {
 public:
  void OnOp(const OpEvent& event) override {
    EXPECT_TRUE(event.backward);
    ++count_[std::string(event.op)];
  }
  int operator[](const std::string& op) { return count_[op]; }

 private:
  std::map<std::string, int> count_;
};

BackwardOps OpsOfGrad(const Tensor& y, const std::vector<Tensor>& xs) {
  BackwardOps ops;
  ObserverScope observe(&ops);
  Grad(y, xs);
  return ops;
}

TEST(GradCost, LeavesNotAskedForCostNothing) {
  const Tensor a = Leaf(Ones({2, 3})), b = Leaf(Ones({3, 4}));
  const Tensor y = Sum(MatMul(a, b));
  EXPECT_EQ(OpsOfGrad(y, {a})["matmul"], 1);
  EXPECT_EQ(OpsOfGrad(y, {b})["matmul"], 1);
  EXPECT_EQ(OpsOfGrad(y, {a, b})["matmul"], 2);
}

TEST(GradCost, AGradientByTheInputComputesNoneByTheParameters) {
  const Tensor w1 = Leaf(Ones({3, 4})), w2 = Leaf(Ones({4, 2}));
  const Tensor x = Leaf(Ones({5, 3}));
  const Tensor y = Sum(MatMul(Tanh(MatMul(x, w1)), w2));
  EXPECT_EQ(OpsOfGrad(y, {x})["matmul"], 2);
  EXPECT_EQ(OpsOfGrad(y, {x, w1, w2})["matmul"], 4);
}

TEST(GradCost, WhatIsOlderThanEveryXIsNotVisited) {
  const Tensor w = Leaf(Ones({4}));
  const Tensor h = Square(w);
  const Tensor x = Leaf(Ones({4}));
  const Tensor y = Sum(h * x);
  // One product for the rule of h * x, and two more for h and its square.
  EXPECT_EQ(OpsOfGrad(y, {x})["mul"], 1);
  EXPECT_EQ(OpsOfGrad(y, {x, w})["mul"], 3);
}

constexpr int64_t kMiB = 1 << 20;

// tanh(... tanh(tanh(w0) * w1) ... * wn), summed: one saved value of 1 MiB a
// factor.
Tensor ChainOf(const std::vector<Tensor>& ws) {
  Tensor y = ws[0];
  for (const Tensor& w : ws) y = Tanh(y * w);
  return Sum(y);
}

// How far memory rises above its level at the call of `grad`, in MiB.
int64_t RiseDuring(const std::function<std::vector<Tensor>()>& grad) {
  const int64_t before = GetMemoryStats().live;
  ResetMemoryPeak();
  grad();
  return (GetMemoryStats().peak - before) / kMiB;
}

TEST(GradCost, AMovedYFreesEachSavedValueAsItsGradientAppears) {
  std::vector<Tensor> ws;
  for (int i = 0; i < 32; ++i) ws.push_back(Leaf(Full({kMiB / 4}, 0.5)));
  Tensor y = ChainOf(ws);
  // The gradients come to 32 MiB. While y lives, so do all activations.
  EXPECT_GE(RiseDuring([&] { return Grad(y, ws); }), 32);
  EXPECT_LE(RiseDuring([&] { return Grad(std::move(y), ws); }), 6);
}

TEST(GradCost, AYThatStaysCanBeDifferentiatedAgain) {
  const Tensor x = Leaf(FromValues<double>({2}, {0.3, -0.7}));
  const Tensor z = Leaf(FromValues<double>({2}, {1.5, 2.5}));
  const Tensor y = Sum(Exp(x * z) * Tanh(x));
  const std::vector<double> first = Values(Grad(y, {x})[0]);
  Grad(y, {z});
  EXPECT_EQ(Values(Grad(y, {x, z})[0]), first);
}

TEST(GradCost, NothingOfAGraphIsLeftBehind) {
  const int64_t before = GetMemoryStats().live;
  {
    const Tensor x = Leaf(Full({kMiB}, 0.5));
    const Tensor dx = Grad(Sum(Exp(x * x)), {x}, {.create_graph = true})[0];
    Grad(Sum(dx * dx), {x});
    EXPECT_GT(GetMemoryStats().live, before);
  }
  EXPECT_EQ(GetMemoryStats().live, before);
}

// Runs `body` on a thread with a stack of 256 KiB.
void OnSmallStack(std::function<void()> body) {
  pthread_attr_t attributes;
  ASSERT_EQ(pthread_attr_init(&attributes), 0);
  ASSERT_EQ(pthread_attr_setstacksize(&attributes, 256 * 1024), 0);
  pthread_t thread;
  ASSERT_EQ(pthread_create(
                &thread, &attributes,
                [](void* f) -> void* {
                  (*static_cast<std::function<void()>*>(f))();
                  return nullptr;
                },
                &body),
            0);
  ASSERT_EQ(pthread_join(thread, nullptr), 0);
  pthread_attr_destroy(&attributes);
}

TEST(GradCost, AChainOfAMillionOpsNeedsNoDeepStack) {
  OnSmallStack([] {
    constexpr int kOps = 1'000'000;
    const int64_t before = GetMemoryStats().live;
    const Tensor x = Variable(3);
    Tensor y = x;
    for (int i = 0; i < kOps; ++i) y = y + x;
    EXPECT_EQ(y.item(), 3.0 * (kOps + 1));
    EXPECT_EQ(Grad(y, {x})[0].item(), kOps + 1);
    EXPECT_GT(GetMemoryStats().live, before + 100 * kMiB);
    y = Tensor();
    EXPECT_LT(GetMemoryStats().live, before + kMiB);
  });
}

}  // namespace
}  // namespace adjoint
