#include "framework/train/evaluation.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "framework/adjoint.h"

namespace adjoint::train {
namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
constexpr float kInf = std::numeric_limits<float>::infinity();

void AddLogits(Evaluation& evaluation, const Tensor& logits,
               const std::vector<int32_t>& labels, int64_t index = 0) {
  const Tensor target =
      FromSpan<int32_t>({static_cast<int64_t>(labels.size())}, labels);
  evaluation.Add({logits, target, index}, {Full({}, 2), logits, target});
}

// Logits whose softmax is `p`.
float Log(double p) { return static_cast<float>(std::log(p)); }

TEST(Evaluation, CountsTruthsAgainstPredictions) {
  Evaluation evaluation;
  AddLogits(evaluation, FromValues({3, 3}, {9, 0, 0, 0, 9, 0, 0, 9, 0}),
            {0, 1, 2});
  AddLogits(evaluation, FromValues({1, 3}, {1, 1, 0}), {1}, 1);  // A tie.
  EXPECT_EQ(evaluation.examples(), 4);
  EXPECT_EQ(evaluation.loss(), 2);
  EXPECT_EQ(evaluation.right(), 2);
  EXPECT_EQ(evaluation.confusion().counts,
            (std::vector<int64_t>{1, 0, 0, 1, 1, 0, 0, 1, 0}));
}

TEST(Evaluation, ABatchOfIndexZeroBeginsANewOne) {
  Evaluation evaluation;
  AddLogits(evaluation, FromValues({1, 2}, {0, 1}), {0});
  AddLogits(evaluation, FromValues({1, 2}, {0, 1}), {1});
  EXPECT_EQ(evaluation.classified(), 1);
  EXPECT_EQ(evaluation.right(), 1);
  EXPECT_TRUE(evaluation.mistakes().empty());
}

TEST(Evaluation, FindsTheTruthAmongTheFirstFive) {
  Evaluation evaluation;
  AddLogits(evaluation, FromValues({3, 7}, {7, 6, 5, 4, 3, 2, 1,  //
                                            7, 6, 5, 4, 3, 2, 1,  //
                                            1, 1, 1, 1, 1, 1, 1}),
            {4, 5, 4});
  EXPECT_EQ(evaluation.right_in_five(), 2);
}

TEST(Evaluation, TellsTheSurestMistakesWithTheirProbabilities) {
  Evaluation evaluation;
  AddLogits(evaluation,
            FromValues({3, 4}, {Log(.6), Log(.2), Log(.15), Log(.05),  //
                                Log(.7), Log(.1), Log(.1), Log(.1),    //
                                Log(.01), Log(.9), Log(.05), Log(.04)}),
            {3, 0, 2});
  ASSERT_EQ(evaluation.mistakes().size(), 2U);
  const Mistake& worst = evaluation.mistakes()[0];
  EXPECT_EQ(worst.example, 2);
  EXPECT_EQ(worst.truth, 2);
  EXPECT_NEAR(worst.truth_probability, .05, 1e-6);
  const Mistake& other = evaluation.mistakes()[1];
  EXPECT_EQ(other.example, 0);
  ASSERT_EQ(other.guesses.size(), 3U);
  EXPECT_EQ(other.guesses[1].label, 1);
  EXPECT_NEAR(other.guesses[0].probability, .6, 1e-6);
  EXPECT_NEAR(other.guesses[2].probability, .15, 1e-6);
}

TEST(Evaluation, KeepsTwentyFiveMistakesAndOfEqualsTheFirst) {
  Evaluation evaluation;
  for (int64_t i = 0; i < 40; ++i) {
    AddLogits(evaluation, FromValues({1, 2}, {0, i == 39 ? 5.f : 1.f}), {0}, i);
  }
  ASSERT_EQ(evaluation.mistakes().size(), 25U);
  EXPECT_EQ(evaluation.mistakes()[0].example, 39);
  EXPECT_EQ(evaluation.mistakes()[24].example, 23);
}

TEST(Evaluation, LogitsThatAreNotFiniteHaveNoProbabilities) {
  Evaluation evaluation;
  AddLogits(evaluation,
            FromValues({4, 2}, {kNaN, 1, 0, kInf, -kInf, -kInf, -kInf, 0}),
            {1, 0, 1, 0});
  EXPECT_EQ(evaluation.classified(), 4);
  EXPECT_EQ(evaluation.right(), 0);
  // All but the last one, of which the probabilities are 0 and 1.
  ASSERT_EQ(evaluation.mistakes().size(), 1U);
  EXPECT_EQ(evaluation.mistakes()[0].example, 3);
  EXPECT_EQ(evaluation.calibration()[9].count, 1);
}

TEST(Evaluation, TheCalibrationErrorIsTheMeanDistanceFromTheConfidence) {
  Evaluation evaluation;
  AddLogits(evaluation,
            FromValues({4, 2}, {Log(.75), Log(.25), Log(.75), Log(.25),  //
                                Log(.95), Log(.05), Log(.95), Log(.05)}),
            {0, 1, 0, 0});
  EXPECT_EQ(evaluation.calibration()[7].count, 2);
  EXPECT_EQ(evaluation.calibration()[7].right, 1);
  EXPECT_EQ(evaluation.calibration()[9].right, 2);
  // Half with .75 - .5, half with 1 - .95.
  EXPECT_NEAR(evaluation.calibration_error(), (.25 + .05) / 2, 1e-6);
  EXPECT_TRUE(std::isnan(Evaluation().calibration_error()));
}

TEST(Evaluation, LargeLogitsDoNotOverflow) {
  Evaluation evaluation;
  AddLogits(evaluation, FromValues({1, 2}, {3e38F, -3e38F}), {1});
  ASSERT_EQ(evaluation.mistakes().size(), 1U);
  EXPECT_EQ(evaluation.mistakes()[0].guesses[0].probability, 1);
}

TEST(Evaluation, BeyondAThousandClassesThereIsNoMatrix) {
  Evaluation evaluation;
  AddLogits(evaluation, Full({1, 1001}, 0), {0});
  EXPECT_EQ(evaluation.right(), 1);
  EXPECT_EQ(evaluation.confusion().classes, 0);
}

TEST(Evaluation, MeasuresPredictionsOfNumbers) {
  Evaluation evaluation;
  const Tensor truth = FromValues({4, 1}, {1, 2, 3, 6});
  const Tensor output = FromValues({4, 1}, {1, 3, 3, 4});
  evaluation.Add({output, truth}, {Full({}, 0), output, truth});
  EXPECT_DOUBLE_EQ(evaluation.mean_squared_error(), (1 + 4) / 4.);
  EXPECT_DOUBLE_EQ(evaluation.mean_absolute_error(), (1 + 2) / 4.);
  // The targets' squared distances from their mean, 3, are 4 + 1 + 0 + 9.
  EXPECT_DOUBLE_EQ(evaluation.r_squared(), 1 - 5 / 14.);
  ASSERT_EQ(evaluation.pairs().size(), 4U);
  EXPECT_EQ(evaluation.pairs()[3].truth, 6);
  EXPECT_EQ(evaluation.pairs()[3].predicted, 4);
}

TEST(Evaluation, ThinsPairsOutEvenly) {
  Evaluation evaluation;
  for (int64_t b = 0; b < 7; ++b) {
    std::vector<float> values(333);
    for (int64_t i = 0; i < 333; ++i) {
      values[i] = static_cast<float>(b * 333 + i);
    }
    const Tensor x = FromSpan<float>({333}, values);
    evaluation.Add({x, x, b}, {Full({}, 0), x, x});
  }
  // Of 2,331 elements each eighth: fourths would be 583.
  ASSERT_EQ(evaluation.pairs().size(), 292U);
  for (size_t i = 0; i < 292; ++i) {
    EXPECT_EQ(evaluation.pairs()[i].truth, 8. * static_cast<double>(i));
  }
}

TEST(Evaluation, OfOtherOutcomesOnlyTheLossCounts) {
  Evaluation evaluation;
  const Tensor x = FromValues({2, 1}, {1, 2});
  evaluation.Add({x, x}, {Full({}, 3), x, Tensor()});
  EXPECT_EQ(evaluation.loss(), 3);
  EXPECT_EQ(evaluation.classified(), 0);
  EXPECT_EQ(evaluation.predicted(), 0);
}

}  // namespace
}  // namespace adjoint::train
