#include "framework/autograd/checkpoint.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "framework/autograd/functional.h"
#include "framework/autograd/grad.h"
#include "framework/autograd/on_gradient.h"
#include "framework/base/error.h"
#include "framework/core/memory.h"
#include "framework/core/observer.h"
#include "framework/core/random.h"
#include "framework/ops/arithmetic.h"
#include "framework/ops/elementwise.h"
#include "framework/ops/index.h"
#include "framework/ops/matmul.h"
#include "framework/ops/reduce.h"
#include "tests/autograd/values.h"

namespace adjoint {
namespace {

using Inputs = absl::Span<const Tensor>;
using Tensors = std::vector<Tensor>;
using Doubles = std::vector<double>;

Tensor Random(const Shape& shape, uint64_t seed) {
  Rng rng(seed);
  return RandomNormal(shape, 0, 0.5, rng, DType::kF64);
}

// tanh(tanh(x w1) w2), x [4,3].
Tensor Block(Inputs xs) {
  return Tanh(MatMul(Tanh(MatMul(xs[0], xs[1])), xs[2]));
}

// Two blocks of shared weights, so that each weight's gradient is a sum and the
// second block's x has the weights behind it.
Tensor Deep(bool checkpointed, const Tensor& x, const Tensor& w1,
            const Tensor& w2) {
  const auto block = [&](const Tensor& x) {
    return checkpointed ? Checkpoint(Block, {x, w1, w2}) : Block({x, w1, w2});
  };
  return Sum(Square(block(block(Square(x)))));
}

TEST(Checkpoint, GivesValuesAndGradientsBitForBit) {
  const Tensors xs = {Leaf(Random({4, 3}, 1)), Leaf(Random({3, 5}, 2)),
                      Leaf(Random({5, 3}, 3))};
  const Tensor plain = Deep(false, xs[0], xs[1], xs[2]);
  const Tensor y = Deep(true, xs[0], xs[1], xs[2]);
  EXPECT_EQ(y.item(), plain.item());
  const Tensors want = Grad(plain, xs), got = Grad(y, xs);
  for (size_t i = 0; i < xs.size(); ++i) {
    EXPECT_EQ(Values(got[i]), Values(want[i])) << i;
    EXPECT_NE(Values(got[i])[0], 0) << i;
    EXPECT_FALSE(got[i].node()) << i;
  }
}

TEST(Checkpoint, GivesSecondDerivativesToRounding) {
  const Tensors xs = {Leaf(Random({4, 3}, 1)), Leaf(Random({3, 5}, 2)),
                      Leaf(Random({5, 3}, 3))};
  const auto second = [&](bool checkpointed) {
    const Tensor y = Deep(checkpointed, xs[0], xs[1], xs[2]);
    const Tensors d = Grad(y, xs, {.create_graph = true});
    return Grad(Sum(Square(d[0])) + Sum(Square(d[1])) + Sum(Square(d[2])), xs);
  };
  const Tensors want = second(false), got = second(true);
  for (size_t i = 0; i < xs.size(); ++i) {
    ASSERT_EQ(got[i].shape(), want[i].shape());
    for (int64_t j = 0; j < got[i].size(); ++j) {
      EXPECT_NEAR(Values(got[i])[j], Values(want[i])[j],
                  1e-13 * (1 + std::abs(Values(want[i])[j])))
          << i;
    }
  }
}

TEST(Checkpoint, IsSeenThroughByTransforms) {
  const auto f = [](const Tensor& x) { return Sum(x * x * Square(x)); };
  const auto g = [&](const Tensor& x) { return Checkpoint(f, Square(x)); };
  // f(x^2) = x^8
  const Tensor x = FromValues<double>({2}, {1, 2});
  EXPECT_EQ(Values(Grad(g, x)), (Doubles{8, 8 * 128}));
  EXPECT_EQ(Values(Hessian(g, x)), (Doubles{56, 0, 0, 56 * 64}));
  EXPECT_EQ(Values(Jvp(g, x, x).dy), (Doubles{8 + 8 * 256}));
  const auto third = [&](const Tensor& x) {
    return Hvp(g, x, Ones({2}, DType::kF64));
  };
  EXPECT_EQ(Values(Jacobian(third, x)), (Doubles{336, 0, 0, 336 * 32}));
}

TEST(Checkpoint, Nests) {
  const auto inner = [](const Tensor& x) { return Square(x) * x; };
  const auto outer = [&](const Tensor& x) {
    return Checkpoint(inner, Checkpoint(inner, x) * x);
  };
  // (x^3 x)^3 = x^12
  const auto f = [&](const Tensor& x) { return Checkpoint(outer, x); };
  const Tensor x = Variable(2);
  EXPECT_EQ(f(x).item(), 4096);
  const Tensor d = Grad(f(x), {x}, {.create_graph = true})[0];
  EXPECT_EQ(d.item(), 12 * 2048);
  const Tensor d2 = Grad(d, {x}, {.create_graph = true})[0];
  EXPECT_EQ(d2.item(), 12 * 11 * 1024);
  EXPECT_EQ(Grad(d2, {x})[0].item(), 12 * 11 * 10 * 512);
}

TEST(Checkpoint, KeepsTheInputsAlone) {
  constexpr int64_t kMiB = 1 << 20;
  constexpr int kBlocks = 8, kOps = 6;
  const auto chain = [](const Tensor& x) {
    Tensor y = x;
    for (int i = 0; i < kOps; ++i) y = Tanh(y);
    return y;
  };
  const Tensor x = Leaf(Zeros({kMiB / 4}));  // 1 MiB
  const auto held_by = [&](bool checkpointed) {
    const int64_t before = GetMemoryStats().live;
    Tensor y = x;
    for (int i = 0; i < kBlocks; ++i) {
      y = checkpointed ? Checkpoint(chain, y) : chain(y);
    }
    Tensor loss = Sum(y);
    y = Tensor();
    const int64_t held = GetMemoryStats().live - before;
    ResetMemoryPeak();
    Grad(std::move(loss), {x});
    const int64_t peak = GetMemoryStats().peak - before;
    return std::make_pair(held / kMiB, peak / kMiB);
  };
  const auto [held, peak] = held_by(false);
  EXPECT_GE(held, kBlocks * kOps);
  const auto [held_less, peak_less] = held_by(true);
  EXPECT_LE(held_less, kBlocks + 1);
  EXPECT_LE(peak_less, kBlocks + kOps + 4);
  EXPECT_GE(peak, kBlocks * kOps);
}

TEST(Checkpoint, NothingOfItIsLeftBehind) {
  const Tensor x = Leaf(Zeros({1 << 18}));
  const int64_t before = GetMemoryStats().live;
  {
    const auto f = [](const Tensor& x) { return Tanh(Tanh(x)); };
    const Tensor y = Sum(Checkpoint(f, Checkpoint(f, x)));
    const Tensor dx = Grad(y, {x}, {.create_graph = true})[0];
    Grad(Sum(dx * dx), {x});
  }
  EXPECT_EQ(GetMemoryStats().live, before);
}

class Count final : public Observer {
 public:
  void OnOp(const OpEvent& event) override {
    ++(event.backward ? backward : forward)[std::string(event.op)];
  }
  std::map<std::string, int> forward, backward;
};

TEST(Checkpoint, ComputesOnlyTheGradientsThatAreAsked) {
  const Tensor x = Leaf(Random({4, 3}, 1)), w1 = Leaf(Random({3, 5}, 2)),
               w2 = Leaf(Random({5, 3}, 3));
  Count count;
  const ObserverScope observe(&count);
  const Tensor y = Sum(Checkpoint(Block, {x, w1, w2}));
  // The observer that was there is told of the first run too.
  EXPECT_EQ(count.forward["matmul"], 2);
  Grad(y, {x});
  EXPECT_EQ(count.backward["matmul"], 2 + 2);
  Grad(y, {x, w1, w2});
  EXPECT_EQ(count.backward["matmul"], 4 + 2 + 4);
  EXPECT_EQ(count.forward["matmul"], 2);
}

TEST(Checkpoint, TakesConstantsAndIntegersAlongUndifferentiated) {
  const Tensor table = Leaf(Random({4, 2}, 1));
  const Tensor rows = FromValues<int32_t>({3}, {2, 0, 2});
  const Tensor scale = FromValues<double>({}, {10});
  const auto f = [](Inputs xs) { return Gather(xs[0], xs[1]) * xs[2]; };
  const Tensor y = Sum(Checkpoint(f, {table, rows, scale}));
  EXPECT_EQ(Values(Grad(y, {table})[0]), (Doubles{10, 10, 0, 0, 20, 20, 0, 0}));
}

TEST(Checkpoint, CountsALeafThatIsGivenTwiceOnce) {
  const Tensor w = Variable(3);
  const auto product = [](Inputs xs) { return xs[0] * xs[1]; };
  const Tensor y = Checkpoint(product, {w, w});
  const Tensor d = Grad(y, {w}, {.create_graph = true})[0];
  EXPECT_EQ(d.item(), 6);
  EXPECT_EQ(Grad(d, {w})[0].item(), 2);
  const Tensor a = Exp(w);
  EXPECT_DOUBLE_EQ(Grad(Checkpoint(product, {a, a}), {w})[0].item(),
                   2 * a.item() * a.item());
}

TEST(Checkpoint, SeesNoFurtherThanItsFunction) {
  // x = w^2 and f = x w = w^3: what x owes to w is no business of f.
  const Tensor w = Variable(2);
  const Tensor y =
      Checkpoint([](Inputs xs) { return xs[0] * xs[1]; }, {Square(w), w});
  const Tensor d = Grad(y, {w}, {.create_graph = true})[0];
  EXPECT_EQ(d.item(), 12);
  const Tensor d2 = Grad(d, {w}, {.create_graph = true})[0];
  EXPECT_EQ(d2.item(), 12);
  EXPECT_EQ(Grad(d2, {w})[0].item(), 6);
}

// The text of the ValueError that Checkpoint(f, xs) throws.
std::string ErrorOf(const FunctionOfSeveral& f, const Tensors& xs) {
  try {
    Checkpoint(f, xs);
  } catch (const ValueError& e) {
    return e.what();
  }
  return "";
}

TEST(Checkpoint, ThrowsIfTheFunctionReadsAHistoryThatIsNotAmongXs) {
  const Tensor w = Leaf(Ones({2})), h = Exp(w), x = Leaf(Ones({2}));
  EXPECT_EQ(ErrorOf([&](Inputs xs) { return xs[0] * w; }, {x}),
            "checkpoint: f reads a tensor that has a history and is not among "
            "xs, and its gradient would be lost; add it to xs or StopGradient "
            "it: f32 [2] in mul");
  // Also if no x has one, which is where a gradient is lost most easily.
  EXPECT_NE(ErrorOf([&](Inputs xs) { return xs[0] * w; }, {Ones({2})}), "");
  EXPECT_NE(ErrorOf([&](Inputs xs) { return xs[0] * h; }, {x}), "");
  // h is no leaf: f must take it from xs.
  EXPECT_NE(ErrorOf([&](Inputs xs) { return xs[0] * h; }, {x, h}), "");
  EXPECT_TRUE(absl::EndsWith(ErrorOf([&](Inputs) { return w; }, {x}),
                             "f32 [2] in its result"));
  const auto nested = [&](Inputs xs) {
    return Checkpoint([&](const Tensor& z) { return z * w; }, xs[0]);
  };
  EXPECT_NE(ErrorOf(nested, {x}), "");
  EXPECT_TRUE(IsRecording());
  EXPECT_EQ(CurrentObserver(), nullptr);
}

TEST(Checkpoint, LetsTheFunctionCaptureLeavesOfXsAndConstants) {
  const Tensor w = Variable(3), x = Variable(5);
  const Tensor two = FromValues<double>({}, {2});
  const Tensor y = Checkpoint(
      [&](Inputs xs) { return xs[0] * w * two * StopGradient(w); }, {x, w});
  const Tensors d = Grad(y, {x, w});
  EXPECT_EQ(d[0].item(), 3 * 2 * 3);
  EXPECT_EQ(d[1].item(), 5 * 2 * 3);
}

TEST(Checkpoint, CallsAgainInBackwardWhereItIsGiven) {
  int first = 0, again = 0;
  const auto counting = [](int& calls) {
    return [&calls](Inputs xs) {
      ++calls;
      return Square(xs[0]);
    };
  };
  const Tensor x = Variable(3);
  const Tensor y = Checkpoint(counting(first), counting(again), {x});
  EXPECT_EQ(again, 0);
  EXPECT_EQ(Grad(y, {x})[0].item(), 6);
  EXPECT_EQ(first, 1);
  EXPECT_EQ(again, 1);
}

TEST(Checkpoint, OfConstantsOrUnrecordedIsAConstant) {
  const auto square = [](const Tensor& x) { return Square(x); };
  EXPECT_FALSE(Checkpoint(square, Ones({})).node());
  const NoGrad no_grad;
  EXPECT_FALSE(Checkpoint(square, Variable(3)).node());
}

}  // namespace
}  // namespace adjoint
