#include "framework/data/order.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <vector>

#include "framework/base/error.h"
#include "tests/data/error_of.h"

namespace adjoint::data {
namespace {

using Rows = std::vector<int64_t>;

Rows Sorted(Rows rows) {
  std::sort(rows.begin(), rows.end());
  return rows;
}

Rows Iota(int64_t n) {
  Rows rows(n);
  std::iota(rows.begin(), rows.end(), 0);
  return rows;
}

TEST(StratifiedOrder, EveryPrefixHasEachClassWithinOneOfItsShare) {
  Rng rng(3);
  for (int trial = 0; trial < 200; ++trial) {
    const int64_t n = 1 + rng.NextBelow(200), classes = 1 + rng.NextBelow(12);
    std::vector<int32_t> strata(n);
    std::map<int32_t, double> counts, seen;
    for (int32_t& s : strata) {
      s = static_cast<int32_t>(rng.NextBelow(1 + rng.NextBelow(classes)));
      ++counts[s];
    }
    const Rows order = StratifiedOrder(strata, rng);
    ASSERT_EQ(Sorted(order), Iota(n));
    for (int64_t k = 1; k <= n; ++k) {
      ++seen[strata[order[k - 1]]];
      for (const auto& [s, count] : counts) {
        ASSERT_LT(std::abs(seen[s] - count * k / n), 1) << n << " " << k;
      }
    }
  }
}

TEST(StratifiedOrder, IsRandomWithinAClass) {
  Rng rng(1);
  const std::vector<int32_t> strata(50, 4);
  const Rows first = StratifiedOrder(strata, rng);
  EXPECT_NE(first, StratifiedOrder(strata, rng));
  EXPECT_NE(first, Iota(50));
  EXPECT_TRUE(StratifiedOrder({}, rng).empty());
}

TEST(WeightedOrder, NeverDrawsAWeightOfZero) {
  Rng rng(1);
  const Rows order = WeightedOrder({0, 0, 1e-300, 0}, rng);
  EXPECT_EQ(order, (Rows{2, 2, 2, 2}));
  EXPECT_TRUE(WeightedOrder({}, rng).empty());
}

TEST(RandomSplit, PutsEveryRowInOnePart) {
  const Split split = RandomSplit(103, 0.2, 7);
  EXPECT_EQ(split.validation.size(), 21u);  // round(20.6)
  Rows all = split.train;
  all.insert(all.end(), split.validation.begin(), split.validation.end());
  EXPECT_EQ(Sorted(all), Iota(103));
  EXPECT_EQ(split.train, Sorted(split.train));
  EXPECT_EQ(split.train, RandomSplit(103, 0.2, 7).train);
  EXPECT_NE(split.train, RandomSplit(103, 0.2, 8).train);
  EXPECT_EQ(RandomSplit(5, 0, 1).train, Iota(5));
  EXPECT_EQ(RandomSplit(5, 1, 1).validation, Iota(5));
}

TEST(StratifiedSplit, KeepsTheSharesOfTheClasses) {
  std::vector<int32_t> labels(1000, 0);
  std::fill_n(labels.begin(), 100, 1);
  std::fill_n(labels.begin() + 100, 10, 2);
  const Split split = StratifiedSplit(labels, 0.1, 7);
  std::map<int32_t, int> counts;
  for (int64_t row : split.validation) ++counts[labels[row]];
  EXPECT_EQ(counts, (std::map<int32_t, int>{{0, 89}, {1, 10}, {2, 1}}));
  EXPECT_EQ(split.train.size(), 900u);
}

TEST(RandomSplit, RejectsFractionsThatAreNone) {
  EXPECT_EQ(ErrorOf<ValueError>([] { RandomSplit(3, 1.5, 1); }),
            "Split: the fraction must be in [0, 1]: 1.5");
  EXPECT_THROW(StratifiedSplit({1, 2}, std::nan(""), 1), ValueError);
  EXPECT_THROW(RandomSplit(-1, 0.5, 1), ValueError);
}

}  // namespace
}  // namespace adjoint::data
