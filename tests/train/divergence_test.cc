#include "framework/train/divergence.h"

#include <gtest/gtest.h>

#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "framework/adjoint.h"
#include "framework/train/diverged_error.h"
#include "framework/train/flags.h"

namespace adjoint::train {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

// A perceptron that learns the sum of two numbers from 40 examples.
struct Sums {
  std::vector<float> x = std::vector<float>(80, 1);
  std::vector<float> y = std::vector<float>(40, 2);
  Rng rng = Rng(1);
  nn::Sequential model{nn::Linear(2, 3, rng), nn::Relu(),
                       nn::Linear(3, 1, rng)};
  double learning_rate = 0.01;
  int roll_backs = 0;

  TrainResult Run(LossFunction loss = MeanSquaredError) {
    const data::TensorDataset data(FromSpan<float>({40, 2}, x),
                                   FromSpan<float>({40, 1}, y));
    optim::Sgd sgd({.learning_rate = learning_rate});
    return Train(
        model, sgd, data, data,
        {.epochs = 2,
         .batch_size = 10,
         .loss = std::move(loss),
         .roll_back = [this](const Divergence&) -> absl::StatusOr<Progress> {
           ++roll_backs;
           return absl::NotFoundError("no checkpoint yet");
         }});
  }
};

void ExpectParts(const std::string& text,
                 const std::vector<std::string>& parts) {
  for (const std::string& part : parts) {
    EXPECT_TRUE(absl::StrContains(text, part)) << part << " is not in\n"
                                               << text;
  }
}

TEST(Divergence, OfStepsThatWereTooLargeIsTheTrainings) {
  Sums sums;
  sums.learning_rate = 1e30;
  const TrainResult result = sums.Run();
  EXPECT_EQ(result.exit_reason, "diverged");
  EXPECT_EQ(result.blame, Blame::kTraining);
  ExpectParts(result.message,
              {"the loss is ", " in epoch 1, step 2 (batch 2 of 4)\n",
               "\n  first op: ", "\n    x0  f32 [10,"});
  EXPECT_FALSE(absl::StrContains(result.message, "in the data"));
  EXPECT_EQ(sums.roll_backs, 1);
}

TEST(Divergence, NamesTheExampleThatIsNotFiniteAndDoesNotGoBack) {
  Sums sums;
  sums.x[2 * 17 + 1] = kInfinity;
  const TrainResult result = sums.Run();
  EXPECT_EQ(result.blame, Blame::kData);
  ExpectParts(result.message,
              {"the loss is ", " in epoch 1, step ",
               "\n  in the data: x of training example 17 (from 0): 1 of 2 "
               "elements is not finite\n",
               "\n  first op: linear in 0, forward: "});
  EXPECT_EQ(sums.roll_backs, 0);
}

TEST(Divergence, NamesTheFieldAndCountsTheOtherExamples) {
  Sums sums;
  sums.y.assign(40, kInfinity);
  const TrainResult result = sums.Run();
  EXPECT_EQ(result.blame, Blame::kData);
  ExpectParts(result.message,
              {"the loss is inf in epoch 1, step 1 (batch 1 of 4)\n",
               "in the data: y of training example ",
               "1 of 1 elements is not finite; and of 9 others in this batch"});
}

// sqrt has no slope at 0.
TEST(Divergence, NamesTheParametersWhoseGradientIsNotFinite) {
  Sums sums;
  const TrainResult result = sums.Run(
      [](const Tensor& y, const Tensor&) { return Mean(Sqrt(y - y)); });
  EXPECT_EQ(result.blame, Blame::kModel) << "no step had been made";
  ExpectParts(result.message,
              {"the gradient of 0.weight is not finite in 6 of 6 elements, nor "
               "are those of 3 other parameters in epoch 1, step 1 (batch 1 of "
               "4)\n",
               ", backward: "});
  EXPECT_EQ(sums.roll_backs, 0);  // It would only come here again.
}

TEST(DivergedError, AdvisesByFlagsThatThereAre) {
  const std::map<std::string, std::string> flags = FlagValues();
  int named = 0;
  for (const Blame blame : {Blame::kData, Blame::kModel, Blame::kTraining}) {
    const absl::Status status = DivergedError(
        {.message = "the loss is nan", .blame = blame}, SharedFlags());
    const std::string text(status.message());
    EXPECT_TRUE(absl::StartsWith(text, "diverged: the loss is nan\n")) << text;
    for (absl::string_view word :
         absl::StrSplit(text, absl::ByAnyChar(" =,"))) {
      if (!absl::ConsumePrefix(&word, "--")) continue;
      ++named;
      EXPECT_EQ(blame, Blame::kTraining) << text;
      EXPECT_EQ(flags.count(std::string(word)), 1u) << word;
    }
  }
  EXPECT_EQ(named, 3);
}

TEST(DivergedError, AdvisesOtherValuesOfFlagsThatWereGiven) {
  SharedFlags flags;
  flags.recipe.learning_rate = 0.5;
  flags.recipe.clip_norm = 3;
  flags.rollbacks = 2;
  const std::string text(DivergedError({}, flags).message());
  EXPECT_TRUE(absl::EndsWith(text,
                             "try a smaller --learning_rate than 0.5, or a "
                             "smaller --clip_norm than 3"))
      << text;
}

}  // namespace
}  // namespace adjoint::train
