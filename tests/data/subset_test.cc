#include "framework/data/subset.h"

#include <gtest/gtest.h>

#include <memory>
#include <type_traits>
#include <vector>

#include "framework/base/error.h"
#include "framework/core/tensor.h"
#include "tests/data/error_of.h"

namespace adjoint::data {
namespace {

std::vector<float> X(const Batch& batch) {
  return {batch.x.data<float>().begin(), batch.x.data<float>().end()};
}

TensorDataset Numbers(int64_t n) {
  return TensorDataset(Arange(n), Arange(n, DType::kI32),
                       {.checksum = "crc32 0000000n"});
}

// Its x is 100 times the epoch plus the row.
class Varying : public Dataset {
 public:
  int64_t size() const override { return 5; }
  Batch Gather(absl::Span<const int64_t> rows) const override {
    return GatherInEpoch(rows, 0);
  }
  Batch GatherInEpoch(absl::Span<const int64_t> rows,
                      int64_t epoch) const override {
    std::vector<float> x;
    for (int64_t row : rows) x.push_back(static_cast<float>(100 * epoch + row));
    const auto n = static_cast<int64_t>(x.size());
    return {.x = FromSpan<float>({n}, x), .y = Zeros({n})};
  }
};

static_assert(
    !std::is_constructible_v<Subset, TensorDataset&&, std::vector<int64_t>>);
static_assert(!std::is_constructible_v<Map, TensorDataset&&, Map::Function>);

TEST(Subset, IsTheRowsItWasGiven) {
  const TensorDataset all = Numbers(10);
  const Subset subset(all, {7, 2, 7});
  EXPECT_EQ(subset.size(), 3);
  EXPECT_EQ(X(All(subset)), (std::vector<float>{7, 2, 7}));
  EXPECT_EQ(X(subset.Gather({1, 0})), (std::vector<float>{2, 7}));
  EXPECT_EQ(subset.info().checksum, "crc32 0000000n");
  EXPECT_EQ(ErrorOf<ValueError>([&] {
              Subset(all, {3, 10});
            }),
            "Subset: row 10 is not in [0, 10)");
  EXPECT_THROW(Subset(all, {-1}), ValueError);
}

// Twice the parts, of which nobody else holds the last.
TEST(Subset, KeepsADataSetThatItOwns) {
  auto all = std::make_shared<TensorDataset>(Numbers(4));
  const Subset first(all, {0, 1});
  std::unique_ptr<Dataset> second = std::make_unique<Subset>(
      std::make_unique<Map>(all, [](Batch b) { return b; }),
      std::vector<int64_t>{3, 2});
  const std::weak_ptr<TensorDataset> watch = all;
  all.reset();
  EXPECT_EQ(X(All(first)), (std::vector<float>{0, 1}));
  EXPECT_EQ(X(All(*second)), (std::vector<float>{3, 2}));
  EXPECT_FALSE(watch.expired());
}

TEST(Concat, IsOneAfterTheOther) {
  const TensorDataset a = Numbers(3), none = Numbers(0), b = Numbers(2);
  const Concat both({&a, &none, &b});
  EXPECT_EQ(both.size(), 5);
  EXPECT_EQ(X(All(both)), (std::vector<float>{0, 1, 2, 0, 1}));
  const Batch mixed = both.Gather({4, 0, 3, 2, 4});
  EXPECT_EQ(X(mixed), (std::vector<float>{1, 0, 0, 2, 1}));
  EXPECT_EQ(mixed.y.data<int32_t>()[3], 2);
  EXPECT_EQ(both.Gather({}).x.shape(), Shape({0}));
  EXPECT_EQ(both.info().checksum,
            "crc32 0000000n+crc32 0000000n+crc32 0000000n");
}

TEST(Concat, RejectsExamplesThatDiffer) {
  const TensorDataset a(Zeros({2, 3}), Arange(2));
  const TensorDataset b(Zeros({2, 4}), Arange(2));
  const TensorDataset c(Zeros({2, 3}, DType::kF64), Arange(2));
  EXPECT_THROW(Concat({&a, &b}), ShapeError);
  EXPECT_THROW(Concat({&a, &c}), ShapeError);
  EXPECT_THROW(Concat({}), ValueError);
}

TEST(Map, AppliesAFunctionToEachBatch) {
  const TensorDataset all = Numbers(4);
  const Map swapped(all, [](Batch b) { return Batch{.x = b.y, .y = b.x}; });
  EXPECT_EQ(swapped.Gather({3}).x.data<int32_t>()[0], 3);
  const Map wrong(all,
                  [](Batch b) { return Batch{.x = Zeros({7}), .y = b.y}; });
  EXPECT_EQ(ErrorOf<ShapeError>([&] { wrong.Gather({3}); }),
            "Map: 1 examples became f32 [7]");
}

TEST(Decorators, PassTheEpochOn) {
  const Varying set;
  const Subset subset(set, {4, 1});
  const Concat twice({&subset, &set});
  const Map same(twice, [](Batch b) { return b; });
  EXPECT_EQ(X(same.GatherInEpoch({0, 2}, 3)), (std::vector<float>{304, 300}));
  EXPECT_EQ(X(same.Gather({0, 2})), (std::vector<float>{4, 0}));
}

TEST(Plain, IsThePlainEpochInEveryEpochThroughWhatIsBetween) {
  const Varying set;
  const Subset subset(set, {4, 1});
  const Concat twice({&subset, &set});
  const Map same(twice, [](Batch b) { return b; });
  const Plain plain(same);
  const std::vector<float> expected = {100 * kPlain + 4, 100 * kPlain + 0};
  EXPECT_EQ(X(plain.Gather({0, 2})), expected);
  EXPECT_EQ(X(plain.GatherInEpoch({0, 2}, 3)), expected);
  EXPECT_EQ(X(plain.Refill(plain.Gather({1, 1}), {0, 2}, 3)), expected);
}

TEST(Labels, AreTheClassesInOrder) {
  const TensorDataset set = Numbers(3000);
  const std::vector<int32_t> labels = Labels(set);
  ASSERT_EQ(labels.size(), 3000u);
  for (int i = 0; i < 3000; ++i) ASSERT_EQ(labels[i], i);
  const TensorDataset floats(Zeros({2}), Zeros({2}));
  EXPECT_THROW(Labels(floats), DTypeError);
  const TensorDataset pairs(Zeros({2}), Zeros({2, 1}, DType::kI32));
  EXPECT_THROW(Labels(pairs), ShapeError);
}

}  // namespace
}  // namespace adjoint::data
