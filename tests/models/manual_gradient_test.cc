// Backprop equals manual gradients: the framework's, of the MNIST multi-layer
// perceptron, against a backward pass that was derived by hand and shares no
// code with it (manual_mlp.h).

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "framework/adjoint.h"
#include "models/mnist_mlp/model.h"
#include "tests/models/manual_mlp.h"

namespace adjoint::testing {
namespace {

constexpr int kExamples = 32;

// The same network, weights and batch in both worlds.
template <class T>
struct Twins {
  Twins(Activation activation, Loss loss)
      : manual({784, 128, 64, 10}, activation, loss), x(kExamples * 784) {
    Rng rng(3);
    mlp = models::MakeMlp(
        {.activation = activation == Activation::kRelu ? "relu" : "sigmoid",
         .linear = {.dtype = kDTypeOf<T>}},
        rng);
    const std::vector<nn::NamedParameter> all = nn::Parameters(mlp);
    for (int l = 1; l <= 3; ++l) {
      manual.w[l] = Values(all[2 * l - 2].parameter);
      manual.b[l] = Values(all[2 * l - 1].parameter);
    }
    rng.FillUniform(absl::MakeSpan(x), 0, 1);
    for (int i = 0; i < kExamples; ++i) {
      labels.push_back(static_cast<int>(rng.NextBelow(10)));
    }
  }

  static std::vector<T> Values(const Tensor& t) {
    const absl::Span<const T> elements = t.data<T>();
    return {elements.begin(), elements.end()};
  }

  Tensor ForwardLoss() const {
    const Tensor output = mlp(FromSpan<T>({kExamples, 784}, x));
    const std::vector<int32_t> as_int32(labels.begin(), labels.end());
    const Tensor target = FromSpan<int32_t>({kExamples}, as_int32);
    return manual.loss == Loss::kCrossEntropy
               ? SoftmaxCrossEntropy(output, target)
               : MeanSquaredError(output, OneHot(target, 10, output.dtype()));
  }

  nn::Sequential mlp;
  ManualMlp<T> manual;
  std::vector<T> x;
  std::vector<int> labels;
};

// Every element within `tolerance` of the largest of `expected`.
template <class T>
void ExpectClose(const std::vector<T>& actual, const std::vector<T>& expected,
                 double tolerance, const std::string& what) {
  ASSERT_EQ(actual.size(), expected.size()) << what;
  double largest = 0, error = 0;
  for (size_t i = 0; i < expected.size(); ++i) {
    largest = std::max<double>(largest, std::abs(expected[i]));
    // A NaN would be lost in std::max.
    ASSERT_TRUE(std::isfinite(actual[i])) << what << " at " << i;
    error = std::max<double>(error, std::abs(actual[i] - expected[i]));
  }
  EXPECT_GT(largest, 0) << what;
  EXPECT_LE(error, tolerance * largest) << what;
}

template <class T>
void ExpectSameGradients(Activation activation, Loss loss, double tolerance) {
  Twins<T> twins(activation, loss);
  ManualMlp<T>& manual = twins.manual;
  const Tensor automatic_loss = twins.ForwardLoss();
  const double manual_loss = manual.Forward(twins.x, twins.labels);
  EXPECT_NEAR(automatic_loss.item(), manual_loss, tolerance * manual_loss);
  // Clear of where roundings would decide which gradient is right.
  if (activation == Activation::kRelu) {
    ASSERT_GT(manual.DistanceToKink(), 1e-6);
  }
  manual.Backward();
  const Gradients gradients = Grad(automatic_loss, twins.mlp);
  ASSERT_EQ(gradients.items().size(), 6u);
  for (int l = 1; l <= 3; ++l) {
    const auto& items = gradients.items();
    ExpectClose(Twins<T>::Values(items[2 * l - 2].gradient), manual.dw[l],
                tolerance, "weight of layer " + std::to_string(l));
    ExpectClose(Twins<T>::Values(items[2 * l - 1].gradient), manual.db[l],
                tolerance, "bias of layer " + std::to_string(l));
  }
}

// 100 steps by both from the same start.
template <class T>
void ExpectSameTrajectory(Activation activation, Loss loss, double tolerance) {
  constexpr double kLearningRate = 0.05, kMomentum = 0.9;
  Twins<T> twins(activation, loss);
  ManualMlp<T>& manual = twins.manual;
  optim::Sgd sgd({.learning_rate = kLearningRate, .momentum = kMomentum});
  double first = 0, last = 0;
  for (int step = 0; step < 100; ++step) {
    last = manual.Forward(twins.x, twins.labels);
    if (step == 0) first = last;
    manual.Backward();
    manual.Sgd(kLearningRate, kMomentum);
    sgd.Step(twins.mlp, Grad(twins.ForwardLoss(), twins.mlp));
  }
  EXPECT_LT(last, 0.95 * first) << "the steps went nowhere";
  const std::vector<nn::NamedParameter> all = nn::Parameters(twins.mlp);
  for (int l = 1; l <= 3; ++l) {
    ExpectClose(Twins<T>::Values(all[2 * l - 2].parameter), manual.w[l],
                tolerance, all[2 * l - 2].name);
    ExpectClose(Twins<T>::Values(all[2 * l - 1].parameter), manual.b[l],
                tolerance, all[2 * l - 1].name);
  }
}

TEST(ManualGradient, EqualsGradToTwelveDigitsInF64) {
  for (Loss loss : {Loss::kCrossEntropy, Loss::kSquaredError}) {
    ExpectSameGradients<double>(Activation::kSigmoid, loss, 1e-12);
    ExpectSameGradients<double>(Activation::kRelu, loss, 1e-12);
  }
}

TEST(ManualGradient, EqualsGradToFiveDigitsInF32) {
  for (Loss loss : {Loss::kCrossEntropy, Loss::kSquaredError}) {
    ExpectSameGradients<float>(Activation::kSigmoid, loss, 1e-5);
    ExpectSameGradients<float>(Activation::kRelu, loss, 1e-5);
  }
}

TEST(ManualGradient, AHundredStepsStayTogetherInF64) {
  for (Loss loss : {Loss::kCrossEntropy, Loss::kSquaredError}) {
    ExpectSameTrajectory<double>(Activation::kSigmoid, loss, 1e-12);
    ExpectSameTrajectory<double>(Activation::kRelu, loss, 1e-12);
  }
}

// With sigmoid alone: in f32 a unit of relu near 0 may fall to either side.
TEST(ManualGradient, AHundredStepsStayTogetherInF32) {
  for (Loss loss : {Loss::kCrossEntropy, Loss::kSquaredError}) {
    ExpectSameTrajectory<float>(Activation::kSigmoid, loss, 1e-5);
  }
}

}  // namespace
}  // namespace adjoint::testing
