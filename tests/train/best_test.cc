#include "framework/train/best.h"

#include <gtest/gtest.h>

#include <limits>

namespace adjoint::train {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// Of one example, classified if `correct` is 0 or 1.
Metrics Of(double loss, int64_t correct = -1) {
  const int64_t classified = correct < 0 ? 0 : 1;
  return Metrics(Metrics::Sums{1, classified, classified * correct, loss, {}});
}

TEST(IsBetter, GoesByTheFirstMetricOrElseByAccuracyOrElseByLoss) {
  EXPECT_TRUE(IsBetter({}, Of(1), Of(2)));
  EXPECT_FALSE(IsBetter({}, Of(2), Of(2)));
  EXPECT_TRUE(IsBetter({}, Of(2, 1), Of(1, 0)));
  const auto loss = [](const Metrics& m) { return m.loss(); };
  const Metric high = {.name = "high", .value = loss, .higher_is_better = true};
  EXPECT_TRUE(IsBetter({high}, Of(2, 0), Of(1, 1)));
}

// A first epoch whose test is NaN must not stay the best for ever.
TEST(IsBetter, TakesAnyNumberForBetterThanNan) {
  EXPECT_TRUE(IsBetter({}, Of(1e9), Of(kNan)));
  EXPECT_FALSE(IsBetter({}, Of(kNan), Of(1e9)));
  EXPECT_FALSE(IsBetter({}, Of(kNan), Of(kNan)));
}

TEST(BestOf, IsTheLastThatIsMarkedUnlessABetterOneWasUndone) {
  std::vector<EpochReport> epochs(3);
  EXPECT_EQ(BestOf(epochs, {}), nullptr);
  epochs[0].best = epochs[1].best = true;
  EXPECT_EQ(BestOf(epochs, {}), &epochs[1]);
  const std::optional<EpochReport> undone = EpochReport{.epoch = 7};
  EXPECT_EQ(BestOf(epochs, undone)->epoch, 7);
}

}  // namespace
}  // namespace adjoint::train
