// What a training can be told besides how long and how large.

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "framework/adjoint.h"
#include "framework/train/checkpoint.h"

namespace adjoint::train {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// y = w x on the points (1, 2), ..., all alike unless a test changes one.
struct Line {
  explicit Line(std::vector<float> y = std::vector<float>(40, 2))
      : data(Ones({static_cast<int64_t>(y.size()), 1}),
             FromSpan<float>({static_cast<int64_t>(y.size()), 1}, y)) {}

  Rng rng = Rng(1);
  nn::Linear model = nn::Linear(1, 1, rng, {.bias = false});
  optim::Sgd sgd = optim::Sgd({.learning_rate = 0.1});
  data::TensorDataset data;

  TrainResult Run(TrainOptions options) {
    options.loss = MeanSquaredError;
    options.shuffle = false;
    return Train(model, sgd, data, data, options);
  }
  float Weight() const {
    return nn::Parameters(model)[0].parameter.value().data<float>()[0];
  }
};

TEST(Train, LearnsFromSeveralBatchesAsFromOneOfTheirSize) {
  // 37 examples: the last step has one batch of 5 and one of 4 less.
  Rng rng(3);
  std::vector<float> y(37);
  rng.FillNormal(absl::MakeSpan(y), 2, 1);
  Line large(y), small(y);
  std::vector<int64_t> examples;
  EXPECT_EQ(large.Run({.epochs = 3, .batch_size = 16}).steps, 9);
  const TrainResult result = small.Run({.epochs = 3,
                                        .batch_size = 8,
                                        .accumulate = 2,
                                        .on_step = [&](const StepReport& r) {
                                          examples.push_back(r.examples);
                                          return Next::kGoOn;
                                        }});
  EXPECT_EQ(result.steps, 9);
  EXPECT_EQ(examples, (std::vector<int64_t>{16, 16, 5, 16, 16, 5, 16, 16, 5}));
  EXPECT_NEAR(small.Weight(), large.Weight(), 1e-6);
}

TEST(Train, StopsEarlyAfterEpochsThatWereNotTheBest) {
  Line line;
  // Further off with each step, and further beyond.
  line.sgd.set_learning_rate(1.1);
  const TrainResult result =
      line.Run({.epochs = 20, .batch_size = 40, .patience = 3});
  EXPECT_EQ(result.exit_reason, "early_stopping");
  EXPECT_EQ(result.epochs.size(), 4u);
  EXPECT_TRUE(result.epochs[0].best);
  // Asked to go on from there, it does not.
  Progress done;
  done.epochs = result.epochs;
  EXPECT_EQ(
      line.Run({.epochs = 20, .batch_size = 40, .patience = 3, .resume = done})
          .steps,
      0);
}

TEST(Train, EndsWhenItsTimeIsOver) {
  Line line;
  const TrainResult result =
      line.Run({.epochs = 5, .batch_size = 4, .max_seconds = 1e-9});
  EXPECT_EQ(result.exit_reason, "time");
  EXPECT_EQ(result.steps, 1);
}

TEST(Train, EvaluatesTheAveragesAndKeepsTheWeights) {
  Line line;
  optim::Ema ema(line.model, {.decay = 0.5});
  const float w0 = line.Weight();
  const TrainResult result =
      line.Run({.epochs = 1, .batch_size = 20, .ema = &ema});
  // By hand: each step moves w by 0.2 (2 - w), and the average half way to w.
  const double w1 = w0 + 0.2 * (2 - w0), w2 = w1 + 0.2 * (2 - w1);
  const double a2 = 0.5 * (0.5 * (w0 + w1)) + 0.5 * w2;
  EXPECT_NEAR(line.Weight(), w2, 1e-6);
  EXPECT_NEAR(result.epochs[0].test.loss(), (a2 - 2) * (a2 - 2), 1e-5);
}

TEST(Train, LeavesOutAStepWhoseGradientIsFarFromThoseBefore) {
  std::vector<float> y(40, 2);
  y[30] = 1e6;
  Line line(y), without;
  int64_t skipped_step = 0;
  const TrainResult result = line.Run({.epochs = 1,
                                       .batch_size = 1,
                                       .skip_outliers = 5,
                                       .on_step = [&](const StepReport& r) {
                                         if (r.skipped) skipped_step = r.step;
                                         return Next::kGoOn;
                                       }});
  EXPECT_EQ(result.skipped_steps, 1);
  EXPECT_EQ(skipped_step, 31);
  EXPECT_EQ(result.steps, 40);
  without.Run({.epochs = 1, .batch_size = 1});
  EXPECT_NEAR(line.Weight(), 2, 1e-2);
  EXPECT_LT(std::abs(without.Weight() - 2), std::abs(line.Weight() - 2));
}

TEST(Train, GoesBackAndOnAtHalfTheRateWhenItDiverges) {
  std::vector<float> y(8, 2);
  Line line(y);
  const std::string path = testing::TempDir() + "/roll_back";
  const TrainState state = {line.model, line.sgd};
  int64_t backs = 0;
  bool poison = true;
  std::vector<double> rates;
  TrainOptions options = {
      .epochs = 1,
      .batch_size = 1,
      .roll_back =
          [&](const Divergence& found) {
            EXPECT_TRUE(absl::StartsWith(found.message,
                                         "the loss is inf in epoch 1, step 5 "))
                << found.message;
            ++backs;
            poison = false;
            return LoadCheckpoint(path, state);
          },
      .on_step =
          [&](const StepReport& r) {
            rates.push_back(r.learning_rate);
            if (r.step == 3) {
              EXPECT_TRUE(SaveCheckpoint(path, state, r.progress).ok());
            }
            // The fifth step meets a weight that is not finite.
            if (r.step == 4 && poison) {
              nn::Parameters(line.model)[0].parameter.MutableData<float>()[0] =
                  std::numeric_limits<float>::infinity();
            }
            return Next::kGoOn;
          }};
  const TrainResult result = line.Run(options);
  EXPECT_EQ(result.exit_reason, "completed");
  EXPECT_EQ(backs, 1);
  EXPECT_EQ(result.rollbacks, 1);
  EXPECT_EQ(result.steps, 8);
  EXPECT_EQ(rates, (std::vector<double>{0.1, 0.1, 0.1, 0.1, 0.05, 0.05, 0.05,
                                        0.05, 0.05}));
  EXPECT_EQ(line.sgd.learning_rate(), 0.1);
  EXPECT_TRUE(std::isfinite(line.Weight()));
}

TEST(Train, SaysWhyThereWasNoWayBack) {
  Line line;
  line.sgd.set_learning_rate(1e38);
  const TrainResult result =
      line.Run({.epochs = 1,
                .batch_size = 20,
                .roll_back = [](const Divergence&) -> absl::StatusOr<Progress> {
                  return absl::NotFoundError("no checkpoint yet");
                }});
  EXPECT_EQ(result.exit_reason, "diverged");
  EXPECT_TRUE(
      absl::StrContains(result.message, "no way back: no checkpoint yet"))
      << result.message;
}

// A finite loss whose gradient is not: sqrt at 0.
TEST(Train, StopsBeforeAGradientThatIsNotFinite) {
  Line line;
  const float before = line.Weight();
  const Objective objective = [&](const data::Batch& batch,
                                  const nn::Pass& pass) -> Outcome {
    const Tensor y = line.model(batch.x, pass);
    return {Mean(Sqrt(y - y)), y, {}};
  };
  // Also where its norm has been asked for.
  for (const int64_t norm_every : {0, 1}) {
    const TrainResult result = Train(line.model, objective, line.sgd, line.data,
                                     line.data, {.norm_every = norm_every});
    EXPECT_EQ(result.exit_reason, "diverged");
    EXPECT_TRUE(
        absl::StartsWith(result.message, "the gradient of weight is not"))
        << result.message;
    EXPECT_EQ(line.Weight(), before);
  }
}

TEST(Train, TellsTheNormOfEachNthGradient) {
  Line line;
  std::vector<double> norms;
  line.Run({.epochs = 1,
            .batch_size = 10,
            .on_step =
                [&](const StepReport& r) {
                  norms.push_back(r.gradient_norm);
                  return Next::kGoOn;
                },
            .norm_every = 2});
  ASSERT_EQ(norms.size(), 4u);
  EXPECT_TRUE(std::isnan(norms[0]));
  EXPECT_GT(norms[1], 0);
  EXPECT_TRUE(std::isnan(norms[2]));
  EXPECT_GT(norms[3], 0);
}

// The square of 1e200 is beyond f64, but 1e200 is not.
TEST(Train, GoesOnWhereOnlyTheNormIsNotFinite) {
  Rng rng(1);
  const nn::Linear model(1, 1, rng, {.bias = false, .dtype = DType::kF64});
  optim::Sgd sgd({.learning_rate = 1e-210});
  const data::TensorDataset data(Full({4, 1}, 1, DType::kF64),
                                 Full({4, 1}, 0, DType::kF64));
  std::vector<double> norms;
  const TrainResult result = Train(
      model, sgd, data, data,
      {.epochs = 1,
       .batch_size = 2,
       .loss = [](const Tensor& y, const Tensor&) { return 1e200 * Mean(y); },
       .on_step =
           [&](const StepReport& r) {
             norms.push_back(r.gradient_norm);
             return Next::kGoOn;
           },
       .norm_every = 1});
  EXPECT_EQ(result.exit_reason, "completed");
  constexpr double kInf = std::numeric_limits<double>::infinity();
  EXPECT_EQ(norms, (std::vector<double>{kInf, kInf}));
}

TEST(Train, RefusesOptionsOutOfRange) {
  Line line;
  for (const TrainOptions& options :
       {TrainOptions{.epochs = 0}, TrainOptions{.accumulate = 0},
        TrainOptions{.patience = -1}, TrainOptions{.max_seconds = kNan},
        TrainOptions{.skip_outliers = 0.5}, TrainOptions{.norm_every = -1}}) {
    EXPECT_THROW(line.Run(options), ValueError);
  }
}

TEST(Train, RefusesDataWithoutAnExample) {
  Line line, none(std::vector<float>{});
  const auto message = [&](const data::Dataset& train,
                           const data::Dataset& test) -> std::string {
    try {
      Train(line.model, line.sgd, train, test, {.loss = MeanSquaredError});
    } catch (const ValueError& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(message(none.data, line.data),
            "train: the training data has no examples");
  EXPECT_EQ(message(line.data, none.data),
            "train: the test data has no examples");
}

TEST(Train, RefusesALossThatIsNotOneElement) {
  Line line;
  const Objective objective = [&](const data::Batch& batch,
                                  const nn::Pass& pass) -> Outcome {
    const Tensor y = line.model(batch.x, pass);
    return {Square(y - batch.y), y, batch.y};
  };
  try {
    Train(line.model, objective, line.sgd, line.data, line.data,
          {.batch_size = 32});
    FAIL() << "it trained";
  } catch (const ShapeError& error) {
    EXPECT_STREQ(error.what(),
                 "train: the loss must be one element: f32 [32,1]");
  }
}

}  // namespace
}  // namespace adjoint::train
