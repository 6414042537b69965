#include "framework/nn/layer_norm.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "framework/autograd/grad.h"
#include "framework/base/error.h"
#include "framework/core/random.h"
#include "framework/testing/grad_check.h"
#include "tests/nn/golden/norm.h"

namespace adjoint::nn {
namespace {

using Doubles = std::vector<double>;

Tensor Of(const Shape& shape, const Doubles& values) {
  return FromSpan<double>(shape, values);
}

void ExpectNear(const Tensor& actual, const Doubles& expected) {
  ASSERT_EQ(actual.size(), static_cast<int64_t>(expected.size()));
  for (size_t i = 0; i < expected.size(); ++i) {
    EXPECT_NEAR(actual.data<double>()[i], expected[i], 1e-13) << "at " << i;
  }
}

struct Golden {
  Shape shape, features;
  const Doubles &weight, &bias, &x, &dy, &y, &dx, &dweight, &dbias;
};

TEST(LayerNorm, IsPyTorchsWithItsGradients) {
  using namespace golden;  // NOLINT(build/namespaces): the numbers
  for (const Golden& g : {Golden{{3, 4},
                                 {4},
                                 kLayerWeight,
                                 kLayerBias,
                                 kLayerX,
                                 kLayerDy,
                                 kLayerY,
                                 kLayerDx,
                                 kLayerDweight,
                                 kLayerDbias},
                          Golden{{2, 2, 3},
                                 {2, 3},
                                 kPlaneWeight,
                                 kPlaneBias,
                                 kPlaneX,
                                 kPlaneDy,
                                 kPlaneY,
                                 kPlaneDx,
                                 kPlaneDweight,
                                 kPlaneDbias}}) {
    SCOPED_TRACE(g.shape);
    const LayerNorm layer(g.features, {.epsilon = 0.01, .dtype = DType::kF64});
    layer.weight().Set(Of(g.features, g.weight));
    layer.bias().Set(Of(g.features, g.bias));
    const Tensor x = Leaf(Of(g.shape, g.x));
    const Tensor y = layer(x);
    ExpectNear(y, g.y);
    const std::vector<Tensor> gradients =
        Grad(y, {x, layer.weight(), layer.bias()}, {.seed = Of(g.shape, g.dy)});
    ExpectNear(gradients[0], g.dx);
    ExpectNear(gradients[1], g.dweight);
    ExpectNear(gradients[2], g.dbias);
  }
}

TEST(LayerNorm, GradientsToSecondOrderMatchDifferences) {
  Rng rng(1);
  const LayerNorm layer({3, 4}, {.dtype = DType::kF64});
  const Tensor x = RandomNormal({2, 3, 4}, 1, 2, rng, DType::kF64);
  const auto f = [&](absl::Span<const Tensor> in) { return layer(in[0]); };
  EXPECT_EQ(testing::CheckGrad(f, {x}), absl::OkStatus());
}

TEST(LayerNorm, HasPyTorchsParameters) {
  const LayerNorm layer(5);
  const std::vector<NamedParameter> all = Parameters(layer);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].name, "weight");
  EXPECT_EQ(all[1].name, "bias");
  for (float v : layer.weight().value().data<float>()) EXPECT_EQ(v, 1);
  for (float v : layer.bias().value().data<float>()) EXPECT_EQ(v, 0);
  EXPECT_EQ(layer.weight().value().shape(), Shape({5}));
}

TEST(LayerNorm, WithoutWeightsOnlyNormalizes) {
  const LayerNorm plain(2, {.affine = false});
  EXPECT_TRUE(Parameters(plain).empty());
  const Tensor y = plain(FromValues({2, 2}, {1, 3, 5, 5}));
  EXPECT_FLOAT_EQ(y.data<float>()[0], -1 / std::sqrt(1 + 1e-5f));
  EXPECT_FLOAT_EQ(y.data<float>()[1], 1 / std::sqrt(1 + 1e-5f));
  EXPECT_EQ(y.data<float>()[2], 0);
}

TEST(LayerNorm, RefusesOtherFeaturesAndBadOptions) {
  EXPECT_THROW(LayerNorm(3)(Ones({2, 4})), ShapeError);
  EXPECT_THROW(LayerNorm({2, 3})(Ones({3})), ShapeError);
  EXPECT_THROW(LayerNorm(0), ShapeError);
  EXPECT_THROW(LayerNorm(Shape({3, 0})), ShapeError);
  EXPECT_THROW(LayerNorm(Shape{}), ShapeError);
  EXPECT_THROW(LayerNorm(3, {.epsilon = -1}), ValueError);
}

}  // namespace
}  // namespace adjoint::nn
