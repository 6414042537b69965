#include "framework/nn/conv2d.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "framework/base/error.h"
#include "framework/core/random.h"
#include "gtest/gtest.h"

namespace adjoint::nn {
namespace {

template <class T>
std::vector<T> Values(const Tensor& x) {
  return {x.data<T>().begin(), x.data<T>().end()};
}

TEST(Conv2d, HasAWeightAndABias) {
  Rng rng(1);
  const Conv2d layer(3, 8, {5, 2}, rng);
  const std::vector<NamedParameter> parts = Parameters(layer);
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_EQ(parts[0].name, "weight");
  EXPECT_EQ(layer.weight().value().shape(), Shape({8, 3, 5, 2}));
  EXPECT_EQ(parts[1].name, "bias");
  EXPECT_EQ(layer.bias().value().shape(), Shape({8}));
  EXPECT_EQ(CountParameters(layer), 8 * 3 * 5 * 2 + 8);
}

TEST(Conv2d, ConvolvesWithItsParametersAndOptions) {
  Rng rng(1);
  const Conv2dOptions options = {.stride = {2, 1}, .padding = {1, 2}};
  const Tensor x = RandomNormal({2, 3, 7, 6}, 0, 1, rng, DType::kF64);
  for (const bool bias : {true, false}) {
    const Conv2d layer(3, 4, 3, rng,
                       {.stride = options.stride,
                        .padding = options.padding,
                        .bias = bias,
                        .dtype = DType::kF64});
    EXPECT_EQ(layer.bias().defined(), bias);
    const Tensor y = layer(x);
    EXPECT_EQ(y.shape(), Shape({2, 4, 4, 8}));
    const Tensor want =
        bias ? adjoint::Conv2d(x, layer.weight(), layer.bias(), options)
             : adjoint::Conv2d(x, layer.weight(), options);
    EXPECT_EQ(Values<double>(y), Values<double>(want));
  }
}

TEST(Conv2d, BeginsUniformWithinOneOverTheRootOfAWindow) {
  Rng rng(1);
  const Conv2d layer(4, 300, 5, rng);  // 100 elements to a window.
  for (const Parameter& p : {layer.weight(), layer.bias()}) {
    double largest = 0;
    for (float w : p.value().data<float>()) {
      largest = std::max<double>(largest, std::abs(w));
    }
    EXPECT_LE(largest, 0.1);
    EXPECT_GT(largest, 0.095);
  }
}

TEST(Conv2d, BeginsAsTheOptionsSay) {
  Rng rng(1);
  const Conv2d layer(
      2, 3, 2, rng,
      {.weight_init = init::Constant(4), .bias_init = init::Constant(5)});
  EXPECT_EQ(Values<float>(layer.weight()), std::vector<float>(24, 4));
  EXPECT_EQ(Values<float>(layer.bias()), std::vector<float>(3, 5));
}

TEST(Conv2d, TellsItsKernelAndAnUnusualStride) {
  Rng rng(1);
  EXPECT_EQ(Conv2d(1, 1, 3, rng, {.padding = 1}).Kind(), "Conv2d 3x3");
  EXPECT_EQ(Conv2d(1, 1, {1, 7}, rng, {.stride = 2}).Kind(),
            "Conv2d 1x7 stride 2x2");
}

TEST(Conv2d, ThrowsForSizesOutOfRange) {
  Rng rng(1);
  EXPECT_THROW(Conv2d(0, 3, 3, rng), ShapeError);
  EXPECT_THROW(Conv2d(3, 0, 3, rng), ShapeError);
  EXPECT_THROW(Conv2d(3, 3, {3, 0}, rng), ShapeError);
  EXPECT_THROW(Conv2d(3, 3, 3, rng, {.stride = 0}), ShapeError);
  EXPECT_THROW(Conv2d(3, 3, 3, rng, {.padding = {-1, 0}}), ShapeError);
}

}  // namespace
}  // namespace adjoint::nn
