#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "framework/autograd/grad.h"
#include "framework/base/error.h"
#include "framework/core/random.h"
#include "framework/nn/activation.h"
#include "framework/nn/dropout.h"
#include "framework/nn/flatten.h"
#include "framework/nn/linear.h"
#include "framework/nn/sequential.h"
#include "framework/ops/reduce.h"

namespace adjoint::nn {
namespace {

using Doubles = std::vector<double>;

Doubles Values(const Tensor& x) {
  return {x.data<double>().begin(), x.data<double>().end()};
}

// y[i, o] = sum over k of x[i, k] w[o, k], plus b[o] if there is a b.
Doubles PlainLinear(const Doubles& x, const Doubles& w, const Doubles& b,
                    size_t in, size_t out) {
  Doubles y;
  for (size_t i = 0; i < x.size() / in; ++i) {
    for (size_t o = 0; o < out; ++o) {
      double sum = b.empty() ? 0 : b[o];
      for (size_t k = 0; k < in; ++k) sum += x[i * in + k] * w[o * in + k];
      y.push_back(sum);
    }
  }
  return y;
}

void ExpectNear(const Doubles& actual, const Doubles& expected) {
  ASSERT_EQ(actual.size(), expected.size());
  for (size_t i = 0; i < actual.size(); ++i) {
    EXPECT_NEAR(actual[i], expected[i], 1e-14) << i;
  }
}

TEST(Linear, IsAPlainLoop) {
  Rng rng(1);
  const Linear layer(5, 3, rng, {.dtype = DType::kF64});
  for (const Shape& shape : {Shape({4, 5}), Shape({2, 3, 5}), Shape({5})}) {
    const Tensor x = RandomNormal(shape, 0, 1, rng, DType::kF64);
    const Tensor y = layer(x);
    EXPECT_EQ(y.shape(), shape.With(-1, 3));
    ExpectNear(Values(y), PlainLinear(Values(x), Values(layer.weight()),
                                      Values(layer.bias()), 5, 3));
  }
}

TEST(Linear, WithoutABiasIsAPlainLoopToo) {
  Rng rng(1);
  const Linear layer(5, 3, rng, {.bias = false, .dtype = DType::kF64});
  EXPECT_FALSE(layer.bias().defined());
  ASSERT_EQ(Parameters(layer).size(), 1u);
  EXPECT_EQ(Parameters(layer)[0].name, "weight");
  for (const Shape& shape : {Shape({4, 5}), Shape({2, 3, 5}), Shape({5})}) {
    const Tensor x = RandomNormal(shape, 0, 1, rng, DType::kF64);
    const Tensor y = layer(x);
    EXPECT_EQ(y.shape(), shape.With(-1, 3));
    ExpectNear(Values(y),
               PlainLinear(Values(x), Values(layer.weight()), {}, 5, 3));
  }
}

TEST(Linear, BeginsUniformWithinOneOverTheRootOfItsInputs) {
  Rng rng(1);
  const Linear layer(100, 300, rng);
  for (const Parameter& p : {layer.weight(), layer.bias()}) {
    double largest = 0;
    for (float w : p.value().data<float>()) {
      largest = std::max<double>(largest, std::abs(w));
    }
    EXPECT_LE(largest, 0.1);
    EXPECT_GT(largest, 0.095);
  }
}

TEST(Linear, BeginsAsTheOptionsSay) {
  Rng rng(1);
  const Linear layer(
      2, 3, rng,
      {.weight_init = init::Constant(4), .bias_init = init::Constant(5)});
  for (float w : layer.weight().value().data<float>()) EXPECT_EQ(w, 4);
  for (float b : layer.bias().value().data<float>()) EXPECT_EQ(b, 5);
}

TEST(Linear, ThrowsForSizesBelowOne) {
  Rng rng(1);
  EXPECT_THROW(Linear(0, 3, rng), ShapeError);
  EXPECT_THROW(Linear(3, 0, rng), ShapeError);
  EXPECT_THROW(Linear(3, -1, rng), ShapeError);
}

TEST(Dropout, IsTheIdentityOutsideTraining) {
  Rng rng(1);
  const Tensor x = Ones({10});
  EXPECT_EQ(Dropout(0.5)(x).array(), x.array());
  EXPECT_EQ(Dropout(0.5)(x, {.rng = &rng}).array(), x.array());
  EXPECT_EQ(Dropout(0)(x, {.training = true}).array(), x.array());
}

TEST(Dropout, ZeroesAShareOfPAndScalesTheRest) {
  constexpr int kSize = 100'000;
  for (double p : {0.1, 0.5, 0.9}) {
    Rng rng(1);
    const Tensor y = Dropout(p)(Full({kSize}, 2, DType::kF64),
                                {.training = true, .rng = &rng});
    int zeros = 0;
    double sum = 0;
    for (double element : Values(y)) {
      if (element == 0) {
        ++zeros;
      } else {
        EXPECT_DOUBLE_EQ(element, 2 / (1 - p));
      }
      sum += element;
    }
    // Four standard deviations of a binomial.
    const double deviation = 4 * std::sqrt(p * (1 - p) / kSize);
    EXPECT_NEAR(zeros / double{kSize}, p, deviation);
    EXPECT_NEAR(sum / kSize, 2, 2 * deviation / (1 - p));
  }
}

TEST(Dropout, PassesGradientsWhereItPassedValues) {
  Rng rng(1);
  const Tensor x = Leaf(Ones({100}, DType::kF64));
  const Tensor y = Dropout(0.5)(x, {.training = true, .rng = &rng});
  // For x = 1 the gradient of the sum is the output.
  EXPECT_EQ(Values(Grad(Sum(y), {x})[0]), Values(y));
}

TEST(Dropout, DrawsAnewInEachPass) {
  Rng rng(1);
  const Pass pass = {.training = true, .rng = &rng};
  const Tensor x = Ones({100}, DType::kF64);
  const Dropout dropout(0.5);
  const Doubles first = Values(dropout(x, pass));
  EXPECT_NE(Values(dropout(x, pass)), first);
  Rng again(1);
  EXPECT_EQ(Values(dropout(x, {.training = true, .rng = &again})), first);
}

TEST(Dropout, ThrowsForABadPAndForTrainingWithoutRng) {
  EXPECT_THROW(Dropout(1), ValueError);
  EXPECT_THROW(Dropout(-0.1), ValueError);
  EXPECT_THROW(Dropout(std::nan("")), ValueError);
  EXPECT_THROW(Dropout(0.5)(Ones({2}), {.training = true}), ValueError);
}

TEST(Activation, LayersAreTheirFunctions) {
  const Tensor x = FromValues<double>({4}, {-2, -0.5, 0.25, 3});
  Doubles relu, sigmoid, tanh;
  for (double v : Values(x)) {
    relu.push_back(v > 0 ? v : 0);
    sigmoid.push_back(1 / (1 + std::exp(-v)));
    tanh.push_back(std::tanh(v));
  }
  EXPECT_EQ(Values(Relu()(x)), relu);
  ExpectNear(Values(Sigmoid()(x)), sigmoid);
  ExpectNear(Values(Tanh()(x)), tanh);
}

TEST(Flatten, MakesRowsOfExamples) {
  const Tensor x = Ones({5, 2, 3});
  EXPECT_EQ(Flatten()(x).shape(), Shape({5, 6}));
  EXPECT_EQ(Flatten()(x).data<float>().data(), x.data<float>().data());
}

TEST(Sequential, FeedsEachLayerTheOutputOfTheOneBefore) {
  Rng rng(1);
  const LinearOptions f64 = {.dtype = DType::kF64};
  const Linear first(3, 4, rng, f64), second(4, 2, rng, f64);
  const Tensor x = RandomNormal({5, 3}, 0, 1, rng, DType::kF64);
  const Doubles expected = Values(second(Tanh()(first(x))));
  EXPECT_EQ(Values(Sequential(first, Tanh(), second)(x)), expected);
  // However they are nested.
  Sequential nested(Sequential(first, Tanh()), Sequential(second));
  nested.Add(Sequential());
  EXPECT_EQ(Values(nested(x)), expected);
  EXPECT_EQ(Parameters(nested)[2].name, "1.0.weight");
}

TEST(Sequential, PassesThePassOn) {
  Rng rng(1);
  const Sequential nested(Sequential(Dropout(0.5)));
  const Tensor x = Ones({100}, DType::kF64);
  EXPECT_EQ(Values(nested(x)), Values(x));
  EXPECT_NE(Values(nested(x, {.training = true, .rng = &rng})), Values(x));
}

TEST(Sequential, WithoutLayersIsTheIdentity) {
  const Tensor x = Ones({3});
  EXPECT_EQ(Sequential()(x).array(), x.array());
}

}  // namespace
}  // namespace adjoint::nn
