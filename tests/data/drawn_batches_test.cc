// Batches of examples that are drawn by weights or from strata.

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <map>
#include <vector>

#include "framework/base/error.h"
#include "framework/core/tensor.h"
#include "framework/data/batches.h"
#include "tests/data/batch_rows.h"
#include "tests/data/error_of.h"

namespace adjoint::data {
namespace {

TEST(Batches, WeightsAreHowOftenAnExampleIsDrawn) {
  const TensorDataset set = Numbers(4);
  const Batches batches(set, {.size = 4, .seed = 5, .weights = {0, 1, 0, 3}});
  std::vector<int> counts(4);
  for (int64_t epoch = 0; epoch < 4000; ++epoch) {
    for (int32_t row : Flat(Rows(batches.Epoch(epoch)))) ++counts[row];
  }
  EXPECT_EQ(counts[0], 0);
  EXPECT_EQ(counts[2], 0);
  // Binomial: 16,000 draws of p = 1/4 have a standard deviation of 55.
  EXPECT_NEAR(counts[1], 4000, 5 * 55);
  EXPECT_EQ(Rows(batches.Epoch(7)), Rows(batches.Epoch(7)));
  EXPECT_NE(Rows(batches.Epoch(7)), Rows(batches.Epoch(8)));
}

TEST(Batches, StrataShareEveryBatch) {
  const TensorDataset set = Numbers(100);
  std::vector<int32_t> strata(100, 7);  // 50 of 7, 30 of -1, 20 of 3.
  std::fill_n(strata.begin(), 30, -1);
  std::fill_n(strata.begin() + 30, 20, 3);
  const Batches batches(set, {.size = 10, .seed = 2, .strata = strata});
  const auto rows = Rows(batches.Epoch(1));
  EXPECT_EQ(Sorted(Flat(rows)), Iota(100));
  for (const auto& batch : rows) {
    std::map<int32_t, int> counts;
    for (int32_t row : batch) ++counts[strata[row]];
    EXPECT_EQ(counts, (std::map<int32_t, int>{{-1, 3}, {3, 2}, {7, 5}}));
  }
  EXPECT_NE(Flat(rows), Flat(Rows(batches.Epoch(2))));
  EXPECT_EQ(Rows(batches.Epoch(1, 4), 4),
            std::vector(rows.begin() + 4, rows.end()));
}

TEST(Batches, RejectsWeightsAndStrataThatDoNotFit) {
  const TensorDataset set = Numbers(3);
  const auto error = [&](BatchesOptions options) {
    return ErrorOf<ValueError>([&] { Batches(set, options); });
  };
  EXPECT_EQ(error({.weights = {1, 2}}), "Batches: 2 weights for 3 examples");
  EXPECT_EQ(error({.strata = {1, 2, 3, 4}}),
            "Batches: 4 strata for 3 examples");
  EXPECT_EQ(error({.weights = {1, 2, 3}, .strata = {1, 2, 3}}),
            "Batches: an order has weights or strata, not both");
  EXPECT_EQ(error({.shuffle = false, .strata = {1, 2, 3}}),
            "Batches: weights and strata need shuffle");
  EXPECT_EQ(error({.weights = {0, 0, 0}}), "Batches: all weights are 0");
  EXPECT_EQ(error({.weights = {1, -1, 0}}),
            "Batches: weights must be >= 0 with a finite sum: -1");
  EXPECT_NE(error({.weights = {1, std::nan(""), 0}}), "");
  EXPECT_NE(error({.weights = {1e308, 1e308, 0}}), "");
}

}  // namespace
}  // namespace adjoint::data
