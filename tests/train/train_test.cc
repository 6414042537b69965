#include "framework/train/train.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "framework/adjoint.h"

namespace adjoint::train {
namespace {

constexpr int64_t kFeatures = 40, kClasses = 3;

// Three clouds about three random centres.
data::TensorDataset Clouds(int64_t n, uint64_t seed) {
  Rng centres_rng(1), rng(seed);
  std::vector<float> centres(kClasses * kFeatures), x(n * kFeatures);
  centres_rng.FillNormal(absl::MakeSpan(centres), 0, 1);
  rng.FillNormal(absl::MakeSpan(x), 0, 1);
  std::vector<int32_t> labels(n);
  for (int64_t i = 0; i < n; ++i) {
    labels[i] = static_cast<int32_t>(rng.NextBelow(kClasses));
    for (int64_t f = 0; f < kFeatures; ++f) {
      x[i * kFeatures + f] += centres[labels[i] * kFeatures + f];
    }
  }
  return {FromSpan<float>({n, kFeatures}, x), FromSpan<int32_t>({n}, labels)};
}

// Large enough that products, elementwise ops and updates are all shared among
// threads, for batches of 128.
nn::Sequential Mlp(uint64_t seed) {
  Rng rng(seed);
  return nn::Sequential(nn::Linear(kFeatures, 500, rng), nn::Tanh(),
                        nn::Dropout(0.2), nn::Linear(500, kClasses, rng));
}

const optim::SgdOptions kSgd = {.learning_rate = 0.05, .momentum = 0.9};

std::string WeightsAfter(uint64_t seed, int threads) {
  SetNumThreads(threads);
  const data::TensorDataset train = Clouds(300, 2), test = Clouds(50, 3);
  const nn::Sequential mlp = Mlp(7);
  optim::Sgd sgd(kSgd);
  Train(mlp, sgd, train, test, {.epochs = 2, .batch_size = 128, .seed = seed});
  SetNumThreads(0);
  return WeightsSha256(mlp);
}

TEST(Train, GivesTheSameWeightsBitForBitForAnyNumberOfThreads) {
  const std::string expected = WeightsAfter(1, 1);
  for (int threads : {1, 2, 3, 4, 8}) {
    EXPECT_EQ(WeightsAfter(1, threads), expected) << threads << " threads";
  }
  EXPECT_NE(WeightsAfter(2, 1), expected);
}

TEST(Train, IsAPlainLoopOverEpochsAndBatches) {
  const data::TensorDataset train = Clouds(100, 2);
  Rng rng(7);
  const nn::Linear by_train(kFeatures, kClasses, rng);
  Rng same(7);
  const nn::Linear by_hand(kFeatures, kClasses, same);

  optim::Sgd sgd(kSgd), plain_sgd(kSgd);
  Train(by_train, sgd, train, train,
        {.epochs = 3, .batch_size = 32, .seed = 5});
  const data::Batches batches(train, {.size = 32, .seed = 5});
  for (int epoch = 0; epoch < 3; ++epoch) {
    for (const data::Batch& batch : batches.Epoch(epoch)) {
      const Tensor loss = SoftmaxCrossEntropy(by_hand(batch.x), batch.y);
      plain_sgd.Step(by_hand, Grad(loss, by_hand));
    }
  }
  EXPECT_EQ(WeightsSha256(by_train), WeightsSha256(by_hand));
}

TEST(Train, LearnsWhatCanBeLearned) {
  const data::TensorDataset train = Clouds(300, 2), test = Clouds(200, 3);
  const nn::Sequential mlp = Mlp(7);
  optim::Sgd sgd(kSgd);
  const TrainResult result =
      Train(mlp, sgd, train, test, {.epochs = 5, .batch_size = 32});
  EXPECT_EQ(result.exit_reason, "completed");
  EXPECT_EQ(result.message, "");
  ASSERT_EQ(result.epochs.size(), 5u);
  EXPECT_LT(result.epochs[4].train.loss(), result.epochs[0].train.loss());
  EXPECT_GT(result.epochs[4].test.accuracy(), 0.98);
}

TEST(Train, ReportsEveryEpoch) {
  const data::TensorDataset train = Clouds(100, 2), test = Clouds(30, 3);
  const nn::Sequential mlp = Mlp(7);
  optim::Sgd sgd(kSgd);
  std::vector<EpochReport> told;
  const TrainResult result =
      Train(mlp, sgd, train, test,
            {.epochs = 4, .batch_size = 32, .on_epoch = [&](const auto& r) {
               told.push_back(r);
             }});
  ASSERT_EQ(told.size(), 4u);
  ASSERT_EQ(result.epochs.size(), 4u);
  double best = -1, seconds = 0;
  for (int i = 0; i < 4; ++i) {
    const EpochReport& r = told[i];
    EXPECT_EQ(r.epoch, i + 1);
    EXPECT_EQ(r.epochs, 4);
    EXPECT_EQ(r.steps, 4);  // 100 examples, 32 a step.
    EXPECT_EQ(r.train.examples(), 100);
    EXPECT_EQ(r.test.examples(), 30);
    EXPECT_EQ(r.best, r.test.accuracy() > best);
    best = std::max(best, r.test.accuracy());
    EXPECT_GT(r.step_seconds, 0);
    EXPECT_GE(r.total_seconds, seconds + r.train_seconds);
    seconds = r.total_seconds;
    EXPECT_EQ(result.epochs[i].test.loss(), r.test.loss());
  }
  EXPECT_TRUE(told[0].best);
  EXPECT_EQ(sgd.steps(), 16);
}

TEST(Train, AtALearningRateOfZeroChangesNothing) {
  const data::TensorDataset train = Clouds(100, 2);
  Rng rng(1);
  const nn::Linear zeros(kFeatures, kClasses, rng,
                         {.weight_init = nn::init::Constant(0),
                          .bias_init = nn::init::Constant(0)});
  const std::string before = WeightsSha256(zeros);
  optim::Sgd sgd({.learning_rate = 0});
  const TrainResult result = Train(zeros, sgd, train, train, {.epochs = 1});
  EXPECT_EQ(WeightsSha256(zeros), before);
  // All classes are equally likely.
  EXPECT_NEAR(result.epochs[0].train.loss(), std::log(3.0), 1e-6);
  EXPECT_NEAR(result.epochs[0].test.loss(), std::log(3.0), 1e-6);
}

TEST(Train, MinimisesTheLossItIsGiven) {
  // y = 2 x by least squares.
  std::vector<float> x(64), y(64);
  Rng rng(1);
  rng.FillUniform(absl::MakeSpan(x), -1, 1);
  for (size_t i = 0; i < x.size(); ++i) y[i] = 2 * x[i];
  const data::TensorDataset line(FromSpan<float>({64, 1}, x),
                                 FromSpan<float>({64, 1}, y));
  const nn::Linear model(1, 1, rng, {.bias = false});
  optim::Sgd sgd({.learning_rate = 0.5});
  const TrainResult result =
      Train(model, sgd, line, line,
            {.epochs = 20, .batch_size = 16, .loss = MeanSquaredError});
  EXPECT_NEAR(model.weight().value().item(), 2, 1e-4);
  EXPECT_TRUE(std::isnan(result.epochs[0].test.accuracy()));
}

TEST(Train, KeepsGradientsWithinTheNormGiven) {
  // The loss is 1000 times the weight, so its gradient is clipped to 2.
  const data::TensorDataset ones(Ones({2, 1}), Ones({2, 1}));
  Rng rng(1);
  const nn::Linear model(1, 1, rng,
                         {.bias = false, .weight_init = nn::init::Constant(0)});
  optim::Sgd sgd({.learning_rate = 0.5});
  const LossFunction loss = [](const Tensor& y, const Tensor&) {
    return 1000 * Mean(y);
  };
  Train(model, sgd, ones, ones,
        {.epochs = 1, .batch_size = 2, .loss = loss, .clip_norm = 2});
  EXPECT_NEAR(model.weight().value().item(), -0.5 * 2, 1e-6);
}

TEST(Train, JudgesEpochsByTheFirstMetric) {
  const data::TensorDataset train = Clouds(100, 2);
  const std::vector<double> values = {3, 1, 2, 4};
  for (const bool higher : {true, false}) {
    Rng rng(7);
    const nn::Linear model(kFeatures, kClasses, rng);
    optim::Sgd sgd(kSgd);
    std::vector<double> losses;  // Of the epochs before.
    std::vector<bool> best;
    const Metric metric = {
        .name = "made up",
        .value =
            [&](const Metrics& m) {
              return values[std::find(losses.begin(), losses.end(), m.loss()) -
                            losses.begin()];
            },
        .higher_is_better = higher};
    Train(model, sgd, train, train,
          {.epochs = 4, .metrics = {metric}, .on_epoch = [&](const auto& r) {
             losses.push_back(r.test.loss());
             best.push_back(r.best);
           }});
    EXPECT_EQ(best, higher ? (std::vector<bool>{true, false, false, true})
                           : (std::vector<bool>{true, true, false, false}));
  }
}

TEST(Train, CopiesNoParameter) {
  const data::TensorDataset train = Clouds(100, 2);
  Rng rng(7);
  const nn::Linear model(kFeatures, kClasses, rng);
  optim::Sgd sgd({.learning_rate = 0.1, .momentum = 0.9});
  const int64_t before = nn::Parameter::CopiesMade();
  Train(model, sgd, train, train, {.epochs = 2, .batch_size = 10});
  EXPECT_EQ(nn::Parameter::CopiesMade(), before);
}

TEST(Train, ScalesTheLearningRateByTheSchedule) {
  // The loss is the weight itself, so a step subtracts the learning rate.
  const data::TensorDataset ones(Ones({2, 1}), Ones({2, 1}));
  Rng rng(1);
  const nn::Linear model(1, 1, rng,
                         {.bias = false, .weight_init = nn::init::Constant(0)});
  optim::Sgd sgd({.learning_rate = 0.5});
  std::vector<int64_t> steps;
  Train(model, sgd, ones, ones,
        {.epochs = 2,
         .batch_size = 1,
         .loss = [](const Tensor& y, const Tensor&) { return Mean(y); },
         .schedule =
             [&](int64_t step) {
               steps.push_back(step);
               return 1 - 0.25 * static_cast<double>(step);
             }});
  EXPECT_EQ(steps, (std::vector<int64_t>{0, 1, 2, 3}));
  EXPECT_EQ(model.weight().value().item(), -0.5 * (1 + 0.75 + 0.5 + 0.25));
  EXPECT_EQ(sgd.learning_rate(), 0.5) << "its own again";
}

TEST(Train, StopsAndSaysSoWhenTheLossIsNoLongerFinite) {
  const data::TensorDataset train = Clouds(100, 2);
  Rng rng(7);
  const nn::Linear model(kFeatures, kClasses, rng);
  optim::Sgd sgd({.learning_rate = 1e38});
  int told = 0;
  const TrainResult result = Train(
      model, sgd, train, train,
      {.epochs = 3, .batch_size = 32, .on_epoch = [&](const EpochReport&) {
         ++told;
       }});
  EXPECT_EQ(result.exit_reason, "diverged");
  EXPECT_TRUE(absl::StartsWith(result.message, "the loss is "))
      << result.message;
  EXPECT_TRUE(
      absl::StrContains(result.message, " in epoch 1, step 2 (batch 2 of 4)\n"))
      << result.message;
  // The first op that overflowed, and what it was given.
  EXPECT_TRUE(
      absl::StrContains(result.message, "\n  first op: linear, forward: "))
      << result.message;
  EXPECT_TRUE(absl::StrContains(result.message, "\n    x1  f32 [3,40]  from -"))
      << result.message;
  EXPECT_TRUE(result.epochs.empty());
  EXPECT_EQ(told, 0);
  EXPECT_EQ(sgd.steps(), 1);
}

TEST(Train, ThrowsForOptionsOutOfRange) {
  const data::TensorDataset train = Clouds(10, 2);
  const nn::Sequential mlp = Mlp(7);
  optim::Sgd sgd;
  EXPECT_THROW(Train(mlp, sgd, train, train, {.epochs = 0}), ValueError);
  EXPECT_THROW(Train(mlp, sgd, train, train, {.batch_size = 0}), ValueError);
}

// Parameters that are visited in the given order.
class Named final : public nn::Module {
 public:
  explicit Named(std::vector<nn::NamedParameter> parts)
      : parts_(std::move(parts)) {}
  void Visit(nn::Visitor& visit) const override {
    for (const nn::NamedParameter& p : parts_) visit(p.name, p.parameter);
  }
  std::string Kind() const override { return "Named"; }

 private:
  std::vector<nn::NamedParameter> parts_;
};

TEST(WeightsSha256, IsThatOfTheBytesInTheOrderOfNames) {
  // printf '\0\0\200\077\0\0\0\100\0\0\0\0' | sha256sum
  const std::string expected =
      "a0cfd63f62a31b874a620cdf9932e487469806cacdaa5e7089f33aea12f5b255";
  const nn::Parameter a(FromValues({2}, {1, 2})), b(Zeros({1}));
  EXPECT_EQ(WeightsSha256(Named({{"a", a}, {"b", b}})), expected);
  EXPECT_EQ(WeightsSha256(Named({{"b", b}, {"a", a}})), expected);
  EXPECT_NE(WeightsSha256(Named({{"a", b}, {"b", a}})), expected);
}

}  // namespace
}  // namespace adjoint::train
