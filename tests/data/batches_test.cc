#include "framework/data/batches.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <numeric>
#include <set>
#include <type_traits>
#include <vector>

#include "absl/types/span.h"
#include "framework/base/error.h"
#include "framework/base/parallel_for.h"
#include "framework/base/rng.h"
#include "framework/core/memory.h"
#include "framework/core/tensor.h"
#include "framework/data/subset.h"
#include "tests/data/batch_rows.h"
#include "tests/data/error_of.h"

namespace adjoint::data {
namespace {

static_assert(std::is_constructible_v<Batches, const TensorDataset&>);
static_assert(!std::is_constructible_v<Batches, TensorDataset>,
              "Batches must not point at a temporary");

TEST(Batches, EachEpochHasEveryExampleOnce) {
  const TensorDataset set = Numbers(103);
  const Batches batches(set, {.size = 10, .seed = 1});
  EXPECT_EQ(batches.num_batches(), 11);
  for (int64_t epoch = 0; epoch < 3; ++epoch) {
    const auto rows = Rows(batches.Epoch(epoch));
    ASSERT_EQ(rows.size(), 11u);
    for (int i = 0; i < 10; ++i) EXPECT_EQ(rows[i].size(), 10u);
    EXPECT_EQ(rows[10].size(), 3u);
    EXPECT_EQ(Sorted(Flat(rows)), Iota(103));
  }
}

TEST(Batches, DropLastLeavesOutTheRemainder) {
  const TensorDataset set = Numbers(103);
  const auto all = Rows(Batches(set, {.size = 10, .seed = 1}).Epoch(0));
  const Batches batches(set, {.size = 10, .seed = 1, .drop_last = true});
  EXPECT_EQ(batches.num_batches(), 10);
  EXPECT_EQ(Rows(batches.Epoch(0)), std::vector(all.begin(), all.begin() + 10));
}

TEST(Batches, DropLastKeepsALastBatchThatIsFull) {
  const TensorDataset set = Numbers(20);
  const Batches batches(set, {.size = 10, .drop_last = true});
  EXPECT_EQ(batches.num_batches(), 2);
  EXPECT_EQ(Sorted(Flat(Rows(batches.Epoch(0)))), Iota(20));
}

TEST(Batches, HasOneBatchIfItsSizeExceedsTheDataSet) {
  const TensorDataset set = Numbers(3);
  const Batches batches(set, {.size = INT64_MAX});
  EXPECT_EQ(batches.num_batches(), 1);
  EXPECT_EQ(Sorted(Flat(Rows(batches.Epoch(0)))), Iota(3));
  const Batches full(set, {.size = INT64_MAX, .drop_last = true});
  EXPECT_EQ(full.num_batches(), 0);
  EXPECT_TRUE(Rows(full.Epoch(0)).empty());
}

TEST(Batches, HasNoneForAnEmptyDataSet) {
  const TensorDataset set = Numbers(0);
  const Batches batches(set);
  EXPECT_EQ(batches.num_batches(), 0);
  EXPECT_TRUE(Rows(batches.Epoch(0)).empty());
}

TEST(Batches, KeepsTheOrderOfTheDataSetIfNotShuffled) {
  const TensorDataset set = Numbers(103);
  const Batches batches(set, {.size = 10, .shuffle = false});
  EXPECT_EQ(Flat(Rows(batches.Epoch(0))), Iota(103));
  EXPECT_EQ(Flat(Rows(batches.Epoch(5))), Iota(103));
}

TEST(Batches, OrderIsAFunctionOfSeedAndEpoch) {
  const TensorDataset set = Numbers(103);
  const Batches batches(set, {.size = 10, .seed = 1});
  const auto order = Rows(batches.Epoch(2));
  EXPECT_NE(Flat(order), Iota(103));
  // Whatever was gone through before, by whichever object.
  Rows(batches.Epoch(0));
  EXPECT_EQ(Rows(batches.Epoch(2)), order);
  EXPECT_EQ(Rows(Batches(set, {.size = 10, .seed = 1}).Epoch(2)), order);
  // The size cuts the order up, it does not change it.
  EXPECT_EQ(Flat(Rows(Batches(set, {.size = 7, .seed = 1}).Epoch(2))),
            Flat(order));
  for (int threads : {1, 4}) {
    SetNumThreads(threads);
    EXPECT_EQ(Rows(batches.Epoch(2)), order);
  }
  SetNumThreads(0);
}

TEST(Batches, OrdersOfOtherSeedsAndEpochsDiffer) {
  const TensorDataset set = Numbers(103);
  std::vector<std::vector<int32_t>> orders;
  for (uint64_t seed : {0, 1, 2}) {
    for (int64_t epoch : {0, 1, 2}) {
      orders.push_back(
          Flat(Rows(Batches(set, {.size = 10, .seed = seed}).Epoch(epoch))));
    }
  }
  // Those of an Rng with the same seed, and with one split off, as well.
  for (Rng rng : {Rng(0), Rng(0).Split()}) {
    const std::vector<int64_t> order = rng.Permutation(103);
    orders.emplace_back(order.begin(), order.end());
  }
  std::sort(orders.begin(), orders.end());
  EXPECT_EQ(std::unique(orders.begin(), orders.end()), orders.end());
}

// The orders of 4 examples in many epochs, each as a number below 24.
std::vector<int> OrdersOfFour(int64_t epochs) {
  const TensorDataset set = Numbers(4);
  const Batches batches(set, {.size = 4, .seed = 7});
  std::vector<int> orders;
  for (int64_t epoch = 0; epoch < epochs; ++epoch) {
    const Batch batch = *batches.Epoch(epoch).begin();
    const auto row = batch.y.data<int32_t>();
    const auto below = [&](int i) {  // How many later rows are less.
      return std::count_if(row.begin() + i, row.end(),
                           [&](int32_t later) { return later < row[i]; });
    };
    orders.push_back(below(0) * 6 + below(1) * 2 + below(2));
  }
  return orders;
}

// Pearson's statistic of `counts` against all being equal, as the number of
// its standard deviations above what is expected of random draws.
double ExcessOfChiSquare(const std::vector<int>& counts) {
  const double freedom = counts.size() - 1;
  const double expected =
      std::accumulate(counts.begin(), counts.end(), 0.0) / counts.size();
  double chi_square = 0;
  for (int n : counts) {
    chi_square += (n - expected) * (n - expected) / expected;
  }
  return (chi_square - freedom) / std::sqrt(2 * freedom);
}

TEST(Batches, AllPairsOfOrdersOfNearEpochsAreEquallyLikely) {
  const std::vector<int> orders = OrdersOfFour(24'000);
  for (size_t lag : {1, 2, 3, 4}) {
    std::vector<int> counts(24 * 24);
    for (size_t i = lag; i < orders.size(); ++i) {
      ++counts[orders[i] * 24 + orders[i - lag]];
    }
    EXPECT_LT(ExcessOfChiSquare(counts), 4) << lag;
  }
}

TEST(Batches, StartsInMidEpochWithTheBatchesThatAreLeft) {
  const TensorDataset set = Numbers(103);
  const Batches batches(set, {.size = 10, .seed = 3});
  const auto all = Rows(batches.Epoch(4));
  for (int64_t k = 0; k <= batches.num_batches(); ++k) {
    EXPECT_EQ(Rows(batches.Epoch(4, k), k),
              std::vector(all.begin() + k, all.end()));
  }
}

TEST(Batches, AnEpochOutlivesTheBatchesItCameFrom) {
  const TensorDataset set = Numbers(103);
  std::vector<int32_t> rows;
  for (const Batch& batch : Batches(set, {.size = 10, .seed = 1}).Epoch(0)) {
    rows.insert(rows.end(), batch.y.data<int32_t>().begin(),
                batch.y.data<int32_t>().end());
  }
  EXPECT_EQ(Sorted(rows), Iota(103));
}

TEST(Batches, AnEpochCanBeGoneThroughTwice) {
  const TensorDataset set = Numbers(103);
  const Epoch epoch = Batches(set, {.seed = 1}).Epoch(0);
  EXPECT_EQ(Rows(epoch), Rows(epoch));
}

TEST(Batches, AKeptBatchIsNotOverwritten) {
  const TensorDataset set = Numbers(8);
  std::vector<Batch> kept;
  for (const Batch& batch :
       Batches(set, {.size = 3, .shuffle = false}).Epoch(0)) {
    kept.push_back(batch);
  }
  ASSERT_EQ(kept.size(), 3u);
  for (int64_t i = 0; i < 3; ++i) {
    EXPECT_EQ(kept[i].index, i);
    EXPECT_EQ(kept[i].x.data<float>()[0], 3 * i);
  }
}

// A data set of this test's own, which counts what is asked of it.
class Counting : public Dataset {
 public:
  int64_t size() const override { return 9; }
  Batch Gather(absl::Span<const int64_t> rows) const override {
    ++gathers;
    const auto n = static_cast<int64_t>(rows.size());
    return {.x = Zeros({n}), .y = Zeros({n})};
  }
  mutable int gathers = 0;
};

TEST(Batches, GathersABatchWhenTheIterationGetsThere) {
  const Counting set;
  const Batches batches(set, {.size = 2, .prefetch = Prefetch::kNever});
  const Epoch epoch = batches.Epoch(0);
  EXPECT_EQ(set.gathers, 0);
  for (const Batch& batch : epoch) {
    EXPECT_EQ(set.gathers, batch.index + 1);
    if (batch.index == 2) break;
  }
  EXPECT_EQ(set.gathers, 3);
  for (const Batch& batch : batches.Epoch(0, 5)) FAIL() << batch.index;
  EXPECT_EQ(set.gathers, 3);
}

TEST(Batches, RejectsASizeBelowOne) {
  const TensorDataset set = Numbers(3);
  EXPECT_EQ(ErrorOf<ValueError>([&] { Batches(set, {.size = 0}); }),
            "Batches: size must be >= 1: 0");
  EXPECT_EQ(ErrorOf<ValueError>([&] { Batches(set, {.size = -5}); }),
            "Batches: size must be >= 1: -5");
}

TEST(Batches, RejectsEpochsAndBatchesThatDoNotExist) {
  const TensorDataset set = Numbers(3);
  const Batches batches(set, {.size = 2});
  EXPECT_EQ(ErrorOf<ValueError>([&] { batches.Epoch(-1); }),
            "Batches: epoch must be >= 0: -1");
  EXPECT_EQ(ErrorOf<ValueError>([&] { batches.Epoch(0, 3); }),
            "Batches: first_batch must be in [0, 2]: 3");
  EXPECT_EQ(ErrorOf<ValueError>([&] { batches.Epoch(0, -1); }),
            "Batches: first_batch must be in [0, 2]: -1");
}

}  // namespace
}  // namespace adjoint::data
