#include "framework/train/classification.h"

#include <gtest/gtest.h>

#include <cmath>

namespace adjoint::train {
namespace {

// Truth by row: 3 cats, of which 2 were found; 4 dogs, 1 found; no bird.
const ConfusionMatrix kPets = {3,
                               {2, 1, 0,  //
                                2, 1, 1,  //
                                0, 0, 0}};

TEST(Classification, ScoresClassesByThoseFoundAndThoseTakenForThem) {
  const std::vector<ClassScores> scores = ScoresByClass(kPets);
  ASSERT_EQ(scores.size(), 3U);
  EXPECT_EQ(scores[0].examples, 3);
  EXPECT_EQ(scores[0].predicted, 4);
  EXPECT_DOUBLE_EQ(scores[0].precision, 2 / 4.);
  EXPECT_DOUBLE_EQ(scores[0].recall, 2 / 3.);
  EXPECT_DOUBLE_EQ(scores[0].f1, 4 / 7.);
  EXPECT_DOUBLE_EQ(scores[1].precision, 1 / 2.);
  EXPECT_DOUBLE_EQ(scores[1].recall, 1 / 4.);
  EXPECT_DOUBLE_EQ(scores[1].f1, 1 / 3.);
  EXPECT_EQ(scores[2].predicted, 1);
  EXPECT_EQ(scores[2].precision, 0);
  EXPECT_EQ(scores[2].recall, 0);
}

TEST(Classification, MacroCountsClassesAlikeAndMicroExamples) {
  EXPECT_DOUBLE_EQ(MacroAverage(kPets).precision, (2 / 4. + 1 / 2. + 0) / 3);
  EXPECT_DOUBLE_EQ(MacroAverage(kPets).recall, (2 / 3. + 1 / 4. + 0) / 3);
  EXPECT_DOUBLE_EQ(MicroAverage(kPets).precision, 3 / 7.);
  EXPECT_DOUBLE_EQ(MicroAverage(kPets).f1, 3 / 7.);
}

TEST(Classification, ClassesThatDoNotOccurAreNoPartOfTheMacroAverage) {
  EXPECT_EQ(MacroAverage({3, {5, 0, 0, 0, 7, 0, 0, 0, 0}}).f1, 1);
  EXPECT_EQ(MacroAverage({}).f1, 0);
}

TEST(Classification, ConfusionsAreSortedFromTheMostFrequent) {
  const std::vector<Confusion> worst = WorstConfusions(kPets, 2);
  ASSERT_EQ(worst.size(), 2U);
  EXPECT_EQ(worst[0].truth, 1);
  EXPECT_EQ(worst[0].predicted, 0);
  EXPECT_EQ(worst[0].count, 2);
  EXPECT_EQ(worst[1].truth, 0);
  EXPECT_EQ(worst[1].predicted, 1);
  EXPECT_EQ(WorstConfusions(kPets, 9).size(), 3U);
}

// Newcombe 1998, "Two-sided confidence intervals for the single proportion",
// table I, method 3: the four examples, to four digits.
TEST(Classification, WilsonsIntervalIsThatOfTheLiterature) {
  const struct {
    int64_t successes, n;
    double low, high;
  } cases[] = {{81, 263, 0.2553, 0.3662},
               {15, 148, 0.0624, 0.1605},
               {0, 20, 0.0000, 0.1611},
               {1, 29, 0.0061, 0.1718}};
  for (const auto& c : cases) {
    const Interval interval = WilsonInterval(c.successes, c.n);
    EXPECT_NEAR(interval.low, c.low, 5e-5);
    EXPECT_NEAR(interval.high, c.high, 5e-5);
  }
  EXPECT_EQ(WilsonInterval(0, 0).low, 0);
  EXPECT_EQ(WilsonInterval(0, 0).high, 1);
}

TEST(Classification, ThePerplexityOfAFairDieIsSix) {
  EXPECT_NEAR(Perplexity(std::log(6.)), 6, 1e-14);
}

}  // namespace
}  // namespace adjoint::train
