#include "framework/ops/lstm.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "framework/autograd/grad.h"
#include "framework/core/random.h"
#include "framework/ops/arithmetic.h"
#include "framework/ops/reduce.h"
#include "framework/ops/shape.h"

namespace adjoint {
namespace {

using enum LstmPlane;

TEST(Lstm, StepIsWorkedByHand) {
  // One sequence of two steps, one unit. Sigmoid(0) = 1/2, and with
  // x = log 3, Sigmoid(x) = 3/4 and tanh(x) = (9 - 1) / (9 + 1) = 4/5.
  const double l = std::log(3.);
  const Tensor x = FromValues<double>({1, 2, 4}, {l, 0, l, l, 0, l, -l, 0});
  const Tensor w = FromValues<double>({4, 1}, {0, 0, 0, 1});
  const Tensor y = Lstm(x, FromValues<double>({1, 1}, {0}),
                        FromValues<double>({1, 1}, {0.4}), w);
  ASSERT_EQ(y.shape(), Shape({6, 1, 2, 1}));
  const auto expect = [&](LstmPlane plane, double first, double second) {
    const Tensor values = PlaneOf(y, plane);
    ASSERT_EQ(values.shape(), Shape({1, 2, 1}));
    EXPECT_NEAR(values.data<double>()[0], first, 1e-15);
    EXPECT_NEAR(values.data<double>()[1], second, 1e-15);
  };
  // 0.5 0.4 + 0.75 0.8 = 0.8, and 0.75 0.8 + 0.5 (-0.8) = 0.2.
  const double h1 = 0.75 * std::tanh(0.8);
  const double o2 = 1 / (1 + std::exp(-h1));
  expect(kInputGate, 0.75, 0.5);
  expect(kForgetGate, 0.5, 0.75);
  expect(kCandidate, 0.8, -0.8);
  expect(kOutputGate, 0.75, o2);
  expect(kCell, 0.8, 0.2);
  expect(kHidden, h1, o2 * std::tanh(0.2));
}

TEST(Lstm, PlanesShareMemoryWithTheResult) {
  const Tensor y =
      Lstm(Ones({2, 3, 8}), Ones({2, 2}), Ones({2, 2}), Ones({8, 2}));
  EXPECT_EQ(PlaneOf(y, kCell).data<float>().data(),
            y.data<float>().data() + 2 * 3 * 2);
}

// Where the gradient is to be differentiated again it takes another way.
TEST(Lstm, GradientIsTheSameWithAHistory) {
  Rng rng(1);
  const auto draw = [&](const Shape& shape) {
    return Leaf(RandomNormal(shape, 0, 1, rng, DType::kF64));
  };
  for (const Shape& shape : {Shape({1, 1, 1}), Shape({3, 7, 5}),
                             Shape({40, 2, 33}), Shape({0, 2, 3})}) {
    const int64_t batch = shape[0], steps = shape[1], width = shape[2];
    const std::vector<Tensor> inputs = {
        draw({batch, steps, 4 * width}), draw({batch, width}),
        draw({batch, width}), draw({4 * width, width})};
    const Tensor y = Lstm(inputs[0], inputs[1], inputs[2], inputs[3]);
    const Tensor seed = draw(y.shape()).Detach();
    const auto fused = Grad(y, inputs, {.seed = seed});
    const auto recorded = Grad(y, inputs, {.create_graph = true, .seed = seed});
    for (size_t i = 0; i < inputs.size(); ++i) {
      ASSERT_EQ(fused[i].shape(), inputs[i].shape());
      const auto a = fused[i].data<double>(), b = recorded[i].data<double>();
      for (size_t j = 0; j < a.size(); ++j) {
        ASSERT_NEAR(a[j], b[j], 1e-12 * (1 + std::abs(b[j]))) << i;
      }
    }
  }
}

TEST(Lstm, SaturatedGatesGiveFiniteValuesAndGradients) {
  for (double magnitude : {1e3, 1e38}) {
    const float m = static_cast<float>(magnitude);
    const Tensor x = Leaf(FromValues({2, 1, 4}, {m, -m, m, -m, -m, m, -m, m}));
    const Tensor y = Lstm(x, Zeros({2, 1}), Full({2, 1}, 0.5), Zeros({4, 1}));
    EXPECT_EQ(PlaneOf(y, kCell).data<float>()[0], 1);
    EXPECT_EQ(PlaneOf(y, kHidden).data<float>()[0], 0);
    EXPECT_EQ(PlaneOf(y, kCell).data<float>()[1], 0.5);
    EXPECT_FLOAT_EQ(PlaneOf(y, kHidden).data<float>()[1], std::tanh(0.5f));
    const Tensor dx = Grad(Sum(y), {x})[0];
    for (float g : dx.data<float>()) EXPECT_EQ(g, 0);
  }
}

}  // namespace
}  // namespace adjoint
