#include "framework/nn/residual.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "framework/autograd/grad.h"
#include "framework/base/error.h"
#include "framework/core/random.h"
#include "framework/nn/activation.h"
#include "framework/nn/dropout.h"
#include "framework/nn/linear.h"
#include "framework/nn/sequential.h"
#include "framework/testing/grad_check.h"

namespace adjoint::nn {
namespace {

using Doubles = std::vector<double>;

Doubles Values(const Tensor& x) {
  return {x.data<double>().begin(), x.data<double>().end()};
}

TEST(Residual, AddsTheInput) {
  Rng rng(1);
  const Linear f(3, 3, rng, {.dtype = DType::kF64});
  const Residual layer{Linear(f)};
  const Tensor x = RandomNormal({4, 3}, 0, 1, rng, DType::kF64);
  Doubles expected = Values(f(x));
  for (size_t i = 0; i < expected.size(); ++i) expected[i] += Values(x)[i];
  EXPECT_EQ(Values(layer(x)), expected);
  ASSERT_EQ(Parameters(layer).size(), 2u);
  EXPECT_EQ(Parameters(layer)[0].name, "layer.weight");
}

TEST(Residual, GradientsToSecondOrderMatchDifferences) {
  Rng rng(2);
  const Residual layer(Sequential(Linear(3, 5, rng, {.dtype = DType::kF64}),
                                  Tanh(),
                                  Linear(5, 3, rng, {.dtype = DType::kF64})));
  EXPECT_EQ(testing::CheckGrad(
                [&](absl::Span<const Tensor> in) { return layer(in[0]); },
                {RandomNormal({4, 3}, 0, 1, rng, DType::kF64)}),
            absl::OkStatus());
}

TEST(Residual, PassesThePassOnAndMoves) {
  Rng rng(3);
  Residual first(Dropout(0.5));
  const Residual layer = std::move(first);
  const Tensor x = Ones({100}, DType::kF64);
  EXPECT_EQ(Values(layer(x)), Doubles(100, 2));
  int kept = 0;
  for (double v : Values(layer(x, {.training = true, .rng = &rng}))) {
    EXPECT_TRUE(v == 1 || v == 3) << v;
    kept += v == 3;
  }
  EXPECT_GT(kept, 20);
  EXPECT_LT(kept, 80);
}

TEST(Residual, RefusesALayerThatChangesTheShape) {
  Rng rng(4);
  const Sequential model(Residual(Linear(3, 1, rng)));
  try {
    model(Ones({2, 3}));
    FAIL() << "did not throw";
  } catch (const ShapeError& e) {
    EXPECT_STREQ(e.what(),
                 "Residual: the layer changes the shape: f32 [2,3] -> "
                 "f32 [2,1] (in 0)");
  }
}

}  // namespace
}  // namespace adjoint::nn
