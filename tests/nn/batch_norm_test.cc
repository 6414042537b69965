#include "framework/nn/batch_norm.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "framework/autograd/grad.h"
#include "framework/base/error.h"
#include "framework/core/random.h"
#include "framework/nn/sequential.h"
#include "framework/ops/norm.h"
#include "framework/ops/reduce.h"
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

template <class ErrorT>
std::string TextOf(const std::function<void()>& f) {
  try {
    f();
  } catch (const ErrorT& e) {
    return e.what();
  }
  return "nothing of the kind was thrown";
}

const Pass kTraining = {.training = true};

BatchNorm GoldenLayer() {
  BatchNorm layer(2, {.epsilon = 0.01, .momentum = 0.3, .dtype = DType::kF64});
  layer.weight().Set(Of({2}, golden::kBatchWeight));
  layer.bias().Set(Of({2}, golden::kBatchBias));
  return layer;
}

TEST(BatchNorm, TrainsAndEvaluatesAsPyTorchDoes) {
  const BatchNorm layer = GoldenLayer();
  const Shape shape = {3, 2, 1, 2};
  const Tensor x = Leaf(Of(shape, golden::kBatchX));
  const Tensor y = layer(x, kTraining);
  ExpectNear(y, golden::kBatchY);
  const std::vector<Tensor> gradients =
      Grad(y, {x, layer.weight(), layer.bias()},
           {.seed = Of(shape, golden::kBatchDy)});
  ExpectNear(gradients[0], golden::kBatchDx);
  ExpectNear(gradients[1], golden::kBatchDweight);
  ExpectNear(gradients[2], golden::kBatchDbias);

  const Tensor x2 = Of(shape, golden::kBatchX2);
  ExpectNear(layer(x2, kTraining), golden::kBatchY2);
  ExpectNear(layer.running_mean(), golden::kBatchRunningMean);
  ExpectNear(layer.running_var(), golden::kBatchRunningVar);

  ExpectNear(layer(x2), golden::kBatchEvalY);
  // Evaluation leaves no trace.
  ExpectNear(layer.running_mean(), golden::kBatchRunningMean);
  ExpectNear(layer.running_var(), golden::kBatchRunningVar);
}

TEST(BatchNorm, HasPyTorchsNamesAndTrainsHalfOfThem) {
  const std::vector<NamedParameter> all = Parameters(BatchNorm(3));
  ASSERT_EQ(all.size(), 4u);
  const char* const names[] = {"weight", "bias", "running_mean", "running_var"};
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(all[i].name, names[i]);
    EXPECT_EQ(all[i].parameter.value().shape(), Shape({3}));
    EXPECT_EQ(all[i].parameter.trainable(), i < 2);
    // Weights begin at 1, biases and means at 0.
    for (float v : all[i].parameter.value().data<float>()) {
      EXPECT_EQ(v, i % 3 == 0);
    }
  }
  EXPECT_EQ(CountParameters(BatchNorm(3)), 6);
}

TEST(BatchNorm, WithoutWeightsOnlyNormalizes) {
  const BatchNorm plain(2, {.affine = false});
  ASSERT_EQ(Parameters(plain).size(), 2u);
  EXPECT_EQ(Parameters(plain)[0].name, "running_mean");
  const Tensor y = plain(FromValues({2, 2}, {1, 5, 3, 5}), kTraining);
  const float z = 1 / std::sqrt(1 + 1e-5f);
  EXPECT_FLOAT_EQ(y.data<float>()[0], -z);
  EXPECT_FLOAT_EQ(y.data<float>()[2], z);
  EXPECT_EQ(y.data<float>()[1], 0);
}

TEST(BatchNorm, GradientsToSecondOrderMatchDifferences) {
  Rng rng(1);
  for (const Shape& shape : {Shape({6, 3}), Shape({2, 3, 2, 3})}) {
    for (bool training : {true, false}) {
      const BatchNorm layer(3, {.dtype = DType::kF64});
      const Tensor x = RandomNormal(shape, 1, 2, rng, DType::kF64);
      layer(x, kTraining);
      // In evaluation x meets the statistics, in training it makes them.
      const auto f = [&](absl::Span<const Tensor> in) {
        return training ? layer(in[0], kTraining) : layer(in[0]);
      };
      EXPECT_EQ(testing::CheckGrad(f, {x}), absl::OkStatus());
    }
  }
  // Of the function with statistics given, by these too.
  const auto given = [](absl::Span<const Tensor> in) {
    return adjoint::BatchNorm(in[0], in[1], in[2], {in[3], in[4]});
  };
  EXPECT_EQ(testing::CheckGrad(given,
                               {RandomNormal({2, 3, 4}, 0, 1, rng, DType::kF64),
                                RandomNormal({3}, 0, 1, rng, DType::kF64),
                                RandomNormal({3}, 0, 1, rng, DType::kF64),
                                RandomNormal({3}, 0, 1, rng, DType::kF64),
                                RandomUniform({3}, 0.5, 2, rng, DType::kF64)}),
            absl::OkStatus());
}

TEST(BatchNorm, RunningStatisticsAreNotRecordedAndAStaleGraphKeepsThem) {
  Rng rng(2);
  const BatchNorm layer = GoldenLayer();
  const Tensor x = Leaf(RandomNormal({5, 2}, 0, 1, rng, DType::kF64));
  layer(x, kTraining);
  EXPECT_FALSE(layer.running_mean().value().node());
  EXPECT_FALSE(layer.running_var().value().node());
  const Tensor y = layer(x);
  const Tensor before = Grad(Sum(y), {x})[0];
  layer(RandomNormal({5, 2}, 9, 5, rng, DType::kF64), kTraining);
  const Tensor after = Grad(Sum(y), {x})[0];
  ExpectNear(after,
             {before.data<double>().begin(), before.data<double>().end()});
}

TEST(BatchNorm, RefusesToTrainOnOneValueAChannel) {
  const Sequential model(BatchNorm(3));
  EXPECT_EQ(TextOf<ValueError>([&] {
              model(Ones({1, 3}), kTraining);
            }),
            "BatchNorm: training needs more than one value a channel: "
            "f32 [1,3] (in 0)");
  EXPECT_THROW(model(Ones({0, 3}), kTraining), ValueError);
  EXPECT_EQ(model(Ones({1, 3})).shape(), Shape({1, 3}));
  EXPECT_EQ(model(Ones({1, 3, 1, 2}), kTraining).shape(), Shape({1, 3, 1, 2}));
}

TEST(BatchNorm, RefusesOtherChannelsAndBadOptions) {
  const Sequential model(BatchNorm(3));
  for (const Pass& pass : {Pass(), kTraining}) {
    EXPECT_NE(TextOf<ShapeError>([&] {
                model(Ones({2, 4}), pass);
              }).find("x has 4 channels, the weight is [3]"),
              std::string::npos);
    EXPECT_THROW(model(Ones({3}), pass), ShapeError);
  }
  EXPECT_THROW(BatchNorm(0), ShapeError);
  EXPECT_THROW(BatchNorm(3, {.epsilon = -1}), ValueError);
  EXPECT_THROW(BatchNorm(3, {.momentum = 1.5}), ValueError);
  EXPECT_THROW(BatchNorm(3, {.momentum = std::nan("")}), ValueError);
}

}  // namespace
}  // namespace adjoint::nn
