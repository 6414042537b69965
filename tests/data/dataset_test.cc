#include "framework/data/dataset.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <type_traits>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "framework/base/error.h"
#include "framework/base/parallel_for.h"
#include "framework/core/array.h"
#include "framework/core/tensor.h"
#include "tests/data/error_of.h"

namespace adjoint::data {
namespace {

template <class T>
std::vector<T> Values(const Tensor& x) {
  return {x.data<T>().begin(), x.data<T>().end()};
}

// Any data set is held in one place; a copy would be made by mistake.
static_assert(!std::is_copy_constructible_v<TensorDataset>);
static_assert(std::is_move_constructible_v<TensorDataset>);

TEST(TensorDataset, GathersTheRowsAskedForInTheirOrder) {
  const TensorDataset set(FromValues({3, 2}, {0, 1, 10, 11, 20, 21}),
                          FromValues<int32_t>({3}, {7, 8, 9}));
  EXPECT_EQ(set.size(), 3);
  const Batch batch = set.Gather({2, 0, 2, 1});
  EXPECT_EQ(batch.size(), 4);
  EXPECT_EQ(batch.x.shape(), Shape({4, 2}));
  EXPECT_EQ(Values<float>(batch.x),
            (std::vector<float>{20, 21, 0, 1, 20, 21, 10, 11}));
  EXPECT_EQ(batch.y.shape(), Shape({4}));
  EXPECT_EQ(Values<int32_t>(batch.y), (std::vector<int32_t>{9, 7, 9, 8}));
}

TEST(All, HasEveryExampleInOrder) {
  const TensorDataset dataset(FromValues({3, 1}, {5, 6, 7}),
                              FromValues<int32_t>({3}, {2, 1, 0}));
  const Batch all = All(dataset);
  EXPECT_EQ(all.x.data<float>(), (std::vector<float>{5, 6, 7}));
  EXPECT_EQ(all.y.data<int32_t>(), (std::vector<int32_t>{2, 1, 0}));
}

TEST(TensorDataset, GathersEveryDTypeAndRank) {
  const TensorDataset set(FromValues<double>({2, 1, 2}, {0.5, 1, 2, 4}),
                          FromValues<float>({2, 1}, {3, 6}));
  const Batch batch = set.Gather({1});
  EXPECT_EQ(batch.x.shape(), Shape({1, 1, 2}));
  EXPECT_EQ(Values<double>(batch.x), (std::vector<double>{2, 4}));
  EXPECT_EQ(batch.y.shape(), Shape({1, 1}));
  EXPECT_EQ(Values<float>(batch.y), (std::vector<float>{6}));
}

TEST(TensorDataset, GathersNothingAndRowsOfNothing) {
  const TensorDataset set(Zeros({2, 0}), Arange(2));
  EXPECT_EQ(set.Gather({}).x.shape(), Shape({0, 0}));
  EXPECT_EQ(set.Gather({}).y.shape(), Shape({0}));
  const Batch batch = set.Gather({1, 1, 0});
  EXPECT_EQ(batch.x.shape(), Shape({3, 0}));
  EXPECT_EQ(Values<float>(batch.y), (std::vector<float>{1, 1, 0}));
}

// 3,000 rows of 400 bytes are many chunks.
TEST(TensorDataset, GathersTheSameWithAnyNumberOfThreads) {
  constexpr int64_t kRows = 3000, kCols = 100;
  std::vector<float> x(kRows * kCols);
  for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i);
  const TensorDataset set(FromSpan<float>({kRows, kCols}, x), Arange(kRows));
  std::vector<int64_t> rows;
  for (int64_t i = 0; i < kRows; ++i) rows.push_back(i * 7 % kRows);
  for (int threads : {1, 4}) {
    SetNumThreads(threads);
    const Batch batch = set.Gather(rows);
    for (int64_t i = 0; i < kRows; ++i) {
      ASSERT_EQ(batch.y.data<float>()[i], rows[i]);
      for (int64_t j = 0; j < kCols; ++j) {
        ASSERT_EQ(batch.x.data<float>()[i * kCols + j], rows[i] * kCols + j);
      }
    }
  }
  SetNumThreads(0);
}

TEST(TensorDataset, GathersConstantsThatTheBatchOwns) {
  Batch batch;
  {
    const TensorDataset set(Leaf(FromValues({2}, {1, 2})), Arange(2));
    batch = set.Gather({0, 1});
  }
  EXPECT_FALSE(batch.x.node());
  EXPECT_EQ(Values<float>(batch.x), (std::vector<float>{1, 2}));
}

TEST(TensorDataset, RefillsABatchInItsOwnMemory) {
  const TensorDataset set(FromValues({3, 2}, {1, 2, 3, 4, 5, 6}),
                          FromValues<int32_t>({3}, {7, 8, 9}));
  Batch batch = set.Gather({0, 1});
  const float* const x = batch.x.data<float>().data();
  const int32_t* const y = batch.y.data<int32_t>().data();
  batch = set.Refill(std::move(batch), {2, 0}, 0);
  EXPECT_EQ(batch.x.data<float>().data(), x);
  EXPECT_EQ(batch.y.data<int32_t>().data(), y);
  EXPECT_THAT(batch.x.data<float>(), testing::ElementsAre(5, 6, 1, 2));
  EXPECT_THAT(batch.y.data<int32_t>(), testing::ElementsAre(9, 7));
}

TEST(TensorDataset, NeverRefillsWhatSomebodyHolds) {
  const TensorDataset set(FromValues({3, 2}, {1, 2, 3, 4, 5, 6}),
                          FromValues<int32_t>({3}, {7, 8, 9}));
  Batch batch = set.Gather({0, 1});
  const Tensor x = batch.x;
  const Tensor view_of_y(Array::View(batch.y.array(), {1, 2}, 0));
  batch = set.Refill(std::move(batch), {2, 2}, 0);
  EXPECT_THAT(x.data<float>(), testing::ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(view_of_y.data<int32_t>(), testing::ElementsAre(7, 8));
  EXPECT_THAT(batch.x.data<float>(), testing::ElementsAre(5, 6, 5, 6));
  EXPECT_THAT(batch.y.data<int32_t>(), testing::ElementsAre(9, 9));
}

TEST(TensorDataset, RefillsNoBatchOfAnotherShapeOrDType) {
  const TensorDataset set(FromValues({3, 2}, {1, 2, 3, 4, 5, 6}),
                          FromValues<int32_t>({3}, {7, 8, 9}));
  const Batch fewer = set.Refill(set.Gather({0, 1}), {2}, 0);
  EXPECT_THAT(fewer.x.data<float>(), testing::ElementsAre(5, 6));
  EXPECT_THAT(fewer.y.data<int32_t>(), testing::ElementsAre(9));
  const Batch other =
      set.Refill({.x = Zeros({1, 2}, DType::kF64), .y = Zeros({1})}, {1}, 0);
  EXPECT_THAT(other.x.data<float>(), testing::ElementsAre(3, 4));
  EXPECT_THAT(other.y.data<int32_t>(), testing::ElementsAre(8));
}

TEST(TensorDataset, RejectsTensorsThatAreNotRowsOfTheSameExamples) {
  EXPECT_EQ(ErrorOf<ShapeError>([] {
              TensorDataset(Ones({4, 2}), Ones({3}));
            }),
            "TensorDataset: x and y must have one row an example: x f32 [4,2], "
            "y f32 [3]");
  EXPECT_THROW(TensorDataset(Ones({}), Ones({1})), ShapeError);
  EXPECT_THROW(TensorDataset(Ones({1}), Ones({})), ShapeError);
  EXPECT_THROW(TensorDataset(Ones({}), Ones({})), ShapeError);
}

TEST(TensorDataset, RejectsTensorsWithoutElements) {
  EXPECT_THROW(TensorDataset(Tensor(), Ones({1})), ValueError);
  EXPECT_THROW(TensorDataset(Ones({1}), Tensor()), ValueError);
  EXPECT_THROW(TensorDataset(Ones({1}).Ghost(), Ones({1})), ValueError);
  EXPECT_THROW(TensorDataset(Ones({1}), Ones({1}).Ghost()), ValueError);
}

TEST(TensorDatasetDeathTest, ChecksThatRowsAreInRange) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const TensorDataset set(Ones({2, 3}), Ones({2}));
  EXPECT_DEATH(set.Gather({0, 2}), "check failed");
  EXPECT_DEATH(set.Gather({-1}), "check failed");
}

}  // namespace
}  // namespace adjoint::data
