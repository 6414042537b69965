#include "framework/inspect/explain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "framework/autograd/custom_vjp.h"
#include "framework/autograd/grad.h"
#include "framework/inspect/kept.h"
#include "framework/inspect/step_memory.h"
#include "framework/nn/linear.h"
#include "framework/nn/sequential.h"
#include "framework/ops/arithmetic.h"
#include "framework/ops/elementwise.h"
#include "framework/ops/reduce.h"
#include "framework/ops/shape.h"

namespace adjoint::inspect {
namespace {

std::vector<int64_t> BytesKept(const Tensor& y) {
  std::vector<int64_t> bytes;
  for (const Kept& kept : KeptBy(y)) bytes.push_back(kept.bytes);
  return bytes;
}

TEST(KeptBy, CountsInputsAndOutputsThatRulesRead) {
  const Tensor x = Ones({2, 3});
  const Tensor w = Leaf(Ones({3}));
  // A product needs its factors, of which w is a leaf; exp its result; a sum
  // only shapes.
  EXPECT_EQ(BytesKept(Sum(Exp(x * w))), (std::vector<int64_t>{24, 24, 0}));
}

TEST(KeptBy, CountsABufferOnceThoughSeveralKeepIt) {
  const Tensor w = Leaf(Ones({4}, DType::kF64));
  const Tensor a = Exp(w);
  EXPECT_EQ(BytesKept(a * a), (std::vector<int64_t>{32, 0}));
  const Tensor view = Reshape(a, {2, 2});
  EXPECT_EQ(BytesKept(Exp(view) * view), (std::vector<int64_t>{32, 0, 32, 0}));
}

TEST(KeptBy, CountsWhatARuleOfOnesOwnMayRead) {
  const Tensor x = Leaf(Ones({2, 3}));
  const Tensor y = CustomVjp([](auto xs) { return Exp(xs[0]); },
                             [](const Tensor& dy, const Tensor& y, auto) {
                               return std::vector<Tensor>{dy * y};
                             },
                             {x});
  EXPECT_EQ(BytesKept(y), (std::vector<int64_t>{24}));
}

TEST(Explain, AViewMovesNoBytes) {
  const Tensor x = Leaf(Ones({2, 3}));
  const Explanation step = Explain(
      [&] {
        return Reshape(Exp(Reshape(x, {6})), {2, 3});
      },
      [](Tensor) {});
  ASSERT_EQ(step.ops.size(), 3u);
  EXPECT_EQ(step.ops[0].bytes, 0);
  EXPECT_EQ(step.ops[1].bytes, 4 * (6 + 6));
  EXPECT_EQ(step.ops[2].bytes, 0);
}

TEST(KeptBy, OfAConstantAndOfALeafIsNothing) {
  EXPECT_TRUE(KeptBy(Ones({3})).empty());
  EXPECT_TRUE(KeptBy(Leaf(Ones({3}))).empty());
}

TEST(KeptBy, OfADeepGraphDoesNotRecurse) {
  Tensor y = Leaf(Ones({}));
  for (int i = 0; i < 100'000; ++i) y = -y;
  EXPECT_EQ(KeptBy(y).size(), 100'000u);
}

TEST(Explain, ListsTheOpsOfAStepWithWhatTheyKeep) {
  Rng rng(1);
  const nn::Sequential model(nn::Linear(3, 2, rng), nn::Linear(2, 5, rng));
  const Tensor x = Ones({4, 3});
  const Explanation step =
      Explain([&] { return Sum(Exp(model(x))); },
              [&](Tensor loss) { Grad(std::move(loss), model); });
  ASSERT_GT(step.ops.size(), 4u);
  const auto& ops = step.ops;
  EXPECT_EQ(ops[0].op, "linear");
  EXPECT_EQ(ops[0].module, "0");
  EXPECT_EQ(ops[0].inputs, (std::vector<std::string>{"[4,3]", "[2,3]", "[2]"}));
  EXPECT_EQ(ops[0].output, "[4,2]");
  EXPECT_EQ(ops[0].bytes, 4 * (12 + 6 + 2 + 8));
  EXPECT_EQ(ops[0].kept_bytes, 4 * 12);  // x
  EXPECT_EQ(ops[1].kept_bytes, 4 * 8);   // The first layer's output.
  EXPECT_EQ(ops[2].op, "exp");
  EXPECT_EQ(ops[2].kept_bytes, 4 * 20);
  EXPECT_EQ(ops[3].op, "sum");
  EXPECT_EQ(ops[3].kept_bytes, 0);
  for (size_t i = 0; i < ops.size(); ++i) EXPECT_EQ(ops[i].backward, i >= 4);
  EXPECT_EQ(ops.back().module, "0");
  EXPECT_THAT(step.ToString(),
              testing::HasSubstr("linear        0       [4,3] [2,3] [2] -> "
                                 "[4,2]\n"));
}

// By hand. The signature of lstm is wider than what its line has left.
TEST(Explanation, FitsTheWidthAndLeavesOutNothing) {
  const Explanation step = {
      {{.op = "lstm",
        .module = "encoder",
        .inputs = {"[16,64,768]", "[16,192]", "[768,192]"},
        .output = "[6,16,64,192]",
        .flops = 302e6,
        .bytes = 869000,
        .seconds = 1.83e-3,
        .kept_bytes = 512},
       {.op = "softmax_cross_entropy_grad",
        .backward = true,
        .inputs = {"[16]", "[16,10]", "i32 [16]"},
        .output = "[16,10]",
        .flops = 25.69e6,
        .bytes = 5 << 20,
        .seconds = 3.9e-6}}};
  EXPECT_EQ(step.ToString(64),
            R"( flops  bytes    time  kept  op            module   inputs ->
                                                    output
  302M   849K  1.83ms  512B    lstm        encoder  [16,64,768]
                                                    [16,192]
                                                    [768,192] ->
                                                    [6,16,64,192]
 25.7M  5.00M   3.9us        < softmax_cross_entropy_grad
                                                    [16] [16,10]
                                                    i32 [16] ->
                                                    [16,10]
  302M   849K  1.83ms  512B    forward
 25.7M  5.00M   3.9us        < backward
  328M  5.83M  1.83ms  512B    both
)");
  EXPECT_THAT(step.ToString(100),
              testing::HasSubstr(
                  "< softmax_cross_entropy_grad   [16] [16,10] i32 [16] -> "
                  "[16,10]\n"));
}

TEST(GradientTable, ComparesParametersWithTheirGradients) {
  EXPECT_EQ(GradientTable({
                {"w", FromValues({2}, {1, -1}), FromValues({2}, {3, 4})},
                {"b", FromValues({1}, {0}), FromValues({1}, {12})},
            }),
            R"( rms  gradient rms  ratio  gradient norm  parameter  shape
   1          3.54    3.5              5  w          [2]
   0            12                    12  b          [1]
                                      13  all
)");
}

TEST(MeasureStep, CountsWhatTheStepHolds) {
  const Tensor w = Leaf(Ones({64, 1024}));  // 256 KiB
  StepMemory memory =
      MeasureStep([&] { return Sum(Exp(Exp(w))); },
                  [&](Tensor loss) { Grad(std::move(loss), {w}); });
  // Two results, in blocks up to a quarter too large, and what is small.
  EXPECT_GE(memory.activations, 2 * 256 * 1024);
  EXPECT_LE(memory.activations, 5 * 128 * 1024 + 8192);
  // Beside them at least a cotangent.
  EXPECT_GE(memory.working, 3 * 256 * 1024);
  memory.parameters = SizeInBytes({w});
  EXPECT_EQ(memory.parameters, 256 * 1024);
  EXPECT_EQ(memory.peak(), memory.working + 256 * 1024);
}

TEST(StepMemory, IsLinesInUnitsThatFit) {
  const StepMemory memory = {.parameters = 1 << 20,
                             .gradients = 1 << 20,
                             .optimizer = 0,
                             .batch = 128,
                             .batches = 1 << 20,
                             .activations = 1 << 19,
                             .working = 3 << 20,
                             .evaluation = 1 << 19};
  EXPECT_EQ(memory.ToString(),
            "memory  parameters 1.00 MiB, gradients 1.00 MiB, optimizer 0 B\n"
            "        activations 512.0 KiB, batches 1.00 MiB at batch 128\n"
            "        peak of a step 5.00 MiB, of an evaluation 1.50 MiB\n");
}

}  // namespace
}  // namespace adjoint::inspect
