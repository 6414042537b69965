// The MNIST model as a user of the library meets it, on the bundled data.

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "framework/adjoint.h"
#include "framework/testing/grad_check.h"
#include "models/mnist_mlp/article.h"
#include "models/mnist_mlp/model.h"

namespace adjoint::models {
namespace {

const data::Mnist& BundledMnist() {
  static const data::Mnist* mnist =
      new data::Mnist(data::LoadMnist("models/data/mnist").value());
  return *mnist;
}

// Trains for `steps` batches and returns the weights' digest.
std::string Digest(int steps) {
  Rng rng(5);
  const nn::Sequential model = MakeMlp({}, rng);
  optim::Sgd sgd({.learning_rate = 0.1, .momentum = 0.9});
  const data::Batches batches(BundledMnist().train, {.size = 128, .seed = 5});
  for (const data::Batch& batch : batches.Epoch(0)) {
    if (batch.index == steps) break;
    Tensor loss =
        SoftmaxCrossEntropy(model(batch.x, {.training = true}), batch.y);
    sgd.Step(model, Grad(std::move(loss), model));
  }
  return train::WeightsSha256(model);
}

TEST(MnistMlp, WeightsAfterFiftyStepsAreBitwiseEqualForAnyNumberOfThreads) {
  SetNumThreads(1);
  const std::string want = Digest(50);
  EXPECT_NE(want, Digest(49));
  for (int threads : {2, 3, 4, 8}) {
    SetNumThreads(threads);
    EXPECT_EQ(Digest(50), want) << threads << " threads";
  }
  SetNumThreads(0);
}

TEST(MnistMlp, SteadyStepAsksTheSystemForNoMemoryAndCopiesNoParameter) {
  Rng rng(1);
  const nn::Sequential model = MakeMlp({}, rng);
  optim::Sgd sgd({.learning_rate = 0.1, .momentum = 0.9});
  const data::Batch batch =
      *data::Batches(BundledMnist().train, {.size = 128}).Epoch(0).begin();
  const auto step = [&] {
    Tensor loss =
        SoftmaxCrossEntropy(model(batch.x, {.training = true}), batch.y);
    sgd.Step(model, Grad(std::move(loss), model));
  };
  for (int i = 0; i < 3; ++i) step();
  const MemoryStats before = GetMemoryStats();
  const int64_t copies = nn::Parameter::CopiesMade();
  for (int i = 0; i < 20; ++i) step();
  const MemoryStats after = GetMemoryStats();
  EXPECT_EQ(after.system_allocations, before.system_allocations);
  EXPECT_EQ(after.live, before.live);
  EXPECT_EQ(nn::Parameter::CopiesMade(), copies);
}

// The tutorial's loss of one image, at small logits.
Tensor Logits() {
  return FromValues<double>(
      {1, 10}, {0.3, -1.2, 0.5, 0.1, 2.0, -0.7, 0.0, 1.1, -0.4, 0.9});
}
const Tensor& Label() {
  static const Tensor label = FromValues<int32_t>({1}, {7});
  return label;
}

TEST(Article, LossIsTheMeanSquaredErrorOfTheSoftmax) {
  std::vector<double> e(10);
  double sum = 0, want = 0;
  const Tensor logits = Logits();
  for (int i = 0; i < 10; ++i) {
    e[i] = std::exp(logits.data<double>()[i]);
    sum += e[i];
  }
  for (int i = 0; i < 10; ++i) {
    want += std::pow(e[i] / sum - (i == 7 ? 1 : 0), 2) / 10;
  }
  EXPECT_NEAR(ArticleLoss(logits, Label()).item(), want, 1e-15);
  EXPECT_NEAR(ArticleDiagonalLoss(logits, Label()).item(), want, 1e-15);
}

TEST(Article, GradientIsExact) {
  EXPECT_EQ(
      testing::CheckGrad([](auto xs) { return ArticleLoss(xs[0], Label()); },
                         {Logits()}),
      absl::OkStatus());
}

// The tutorial computes 2 (o - t) / 10 * o (1 - o).
TEST(Article, DiagonalRuleIsTheTutorialsAndNotTheGradient) {
  const Tensor logits = Leaf(Logits());
  const Tensor got = Grad(ArticleDiagonalLoss(logits, Label()), {logits})[0];
  const Tensor o = Softmax(logits.Detach());
  for (int i = 0; i < 10; ++i) {
    const double oi = o.data<double>()[i];
    EXPECT_NEAR(got.data<double>()[i],
                2 * (oi - (i == 7 ? 1 : 0)) / 10 * oi * (1 - oi), 1e-15);
  }
  EXPECT_FALSE(testing::CheckGrad(
                   [](auto xs) { return ArticleDiagonalLoss(xs[0], Label()); },
                   {Logits()})
                   .ok());
}

TEST(Article, SplitsAllImagesAtRandomInto85And15Percent) {
  const data::MnistFiles files = data::ReadMnist("models/data/mnist").value();
  const data::Mnist split = ArticleSplit(files, 1);
  EXPECT_EQ(split.train.size(), 59500);
  EXPECT_EQ(split.test.size(), 10500);
  // Every image is there once, with its label: a mix-up changes the sum.
  const auto signature = [](const auto& pixels, int64_t label) {
    const double sum = std::accumulate(pixels.begin(), pixels.end(), 0.0);
    return std::pair(label, std::lround(sum));
  };
  std::multiset<std::pair<int64_t, int64_t>> expected, found;
  for (const data::LabeledImages* images : {&files.train, &files.test}) {
    for (int64_t i = 0; i < images->count; ++i) {
      expected.insert(
          signature(absl::MakeConstSpan(images->pixels).subspan(i * 784, 784),
                    images->labels[i]));
    }
  }
  for (const data::ImageDataset* images : {&split.train, &split.test}) {
    for (int64_t i = 0; i < images->size(); ++i) {
      const data::Batch example = images->Gather({i});
      const Tensor pixels = example.x * 255;
      found.insert(
          signature(pixels.data<float>(), std::lround(example.y.item())));
    }
  }
  EXPECT_EQ(found, expected);
}

TEST(Article, WeightsHaveVarianceOneOverFanOutAndNoBias) {
  Rng rng(2);
  const nn::Sequential model = MakeMlp(ArticleOptions(), rng);
  const std::vector<nn::NamedParameter> all = nn::Parameters(model);
  ASSERT_EQ(all.size(), 3u);
  for (const nn::NamedParameter& p : all) {
    const Tensor& w = p.parameter;
    const double variance = Mean(Square(w)).item();
    const double want = 1.0 / static_cast<double>(w.shape()[0]);
    // Four standard errors of a variance.
    EXPECT_NEAR(variance, want,
                4 * want * std::sqrt(2.0 / static_cast<double>(w.size())))
        << p.name;
  }
}

}  // namespace
}  // namespace adjoint::models
