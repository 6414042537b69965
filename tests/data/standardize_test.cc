#include "framework/data/standardize.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "framework/base/error.h"
#include "framework/base/file.h"
#include "framework/core/tensor.h"
#include "framework/data/csv.h"
#include "framework/data/order.h"
#include "framework/io/safetensors.h"
#include "tests/data/error_of.h"

namespace adjoint::data {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

template <class T>
std::vector<T> Values(const Tensor& t) {
  return {t.data<T>().begin(), t.data<T>().end()};
}

template <class T = double>
TensorDataset Rows(const std::vector<T>& x, int64_t columns) {
  const auto n = static_cast<int64_t>(x.size()) / columns;
  return TensorDataset(FromSpan<T>({n, columns}, x), Zeros({n, 1}));
}

// By hand: 1 2 3 4 has the mean 2.5 and the variance 1.25; 10 10 30 30 the mean
// 20 and the deviation 10.
TEST(Standardizer, GivesEachColumnMeanZeroAndDeviationOne) {
  const TensorDataset train = Rows({1, 10, 2, 10, 3, 30, 4, 30}, 2);
  const auto columns = Standardizer::Of(train);
  EXPECT_EQ(Values<double>(columns.mean()), (std::vector<double>{2.5, 20}));
  const double d = std::sqrt(1.25);
  EXPECT_EQ(Values<double>(columns.deviation()), (std::vector<double>{d, 10}));
  EXPECT_EQ(Values<double>(All(Standardized(train, columns)).x),
            (std::vector<double>{-1.5 / d, -1, -0.5 / d, -1, 0.5 / d, 1,
                                 1.5 / d, 1}));
  // The test set is seen with the eyes of the training set.
  const TensorDataset test = Rows<float>({2.5, 50}, 2);
  EXPECT_EQ(Values<float>(All(Standardized(test, columns)).x),
            (std::vector<float>{0, 3}));
  const Tensor x = All(test).x;
  EXPECT_EQ(Values<float>(columns.Invert(columns.Apply(x))), Values<float>(x));
}

TEST(Standardizer, LeavesNoDigitsOfLargeValuesAndMakesConstantsZero) {
  // Times in seconds, half a second about 1.7e9; 0.1 is no binary fraction.
  std::vector<double> x;
  for (int i = 0; i < 3000; ++i) {
    x.push_back(1.7e9 + (i % 2 == 0 ? 0.5 : -0.5));
    x.push_back(0.1);
  }
  const TensorDataset train = Rows(x, 2);
  const auto columns = Standardizer::Of(train);
  EXPECT_EQ(Values<double>(columns.mean()), (std::vector<double>{1.7e9, 0.1}));
  EXPECT_EQ(Values<double>(columns.deviation()), (std::vector<double>{0.5, 1}));
  const int64_t rows[] = {2998, 2999};
  EXPECT_EQ(Values<double>(Standardized(train, columns).Gather(rows).x),
            (std::vector<double>{1, 0, -1, 0}));
}

TEST(Standardizer, DoesNotDependOnTheOrderOfTheExamplesButForRounding) {
  const TensorDataset all = Rows({3, 1, 4, 1, 5, 9, 2, 6}, 1);
  const Subset other(all, {7, 3, 0, 1, 6, 4, 2, 5});
  EXPECT_NEAR(Standardizer::Of(all).mean().item(),
              Standardizer::Of(other).mean().item(), 1e-14);
  // What it does to a row is the same wherever the row is.
  const auto columns = Standardizer::Of(all);
  const int64_t rows[] = {7};
  EXPECT_EQ(Values<double>(Standardized(all, columns).Gather(rows).x),
            Values<double>(columns.Apply(FromValues<double>({1, 1}, {6}))));
}

TEST(Standardizer, TakesTheColumnsOfACsvFile) {
  const std::string path = testing::TempDir() + "wine.csv";
  ASSERT_TRUE(
      WriteFileAtomically(path,
                          "alcohol,acid,kind\n12,1e6,red\n14,3e6,white\n"
                          "13,2e6,red\n")
          .ok());
  const auto wine = ReadCsv(path, {.target_is_class = true});
  ASSERT_TRUE(wine.ok()) << wine.status();
  const Map set = Standardized(*wine, Standardizer::Of(*wine));
  const float d = static_cast<float>(std::sqrt(1.5));
  EXPECT_EQ(Values<float>(All(set).x),
            (std::vector<float>{-d, -d, d, d, 0, 0}));
  EXPECT_EQ(Labels(set), (std::vector<int32_t>{0, 1, 0}));
  EXPECT_EQ(set.info().class_names, wine->info().class_names);
  EXPECT_EQ(set.info().checksum, wine->info().checksum);
}

TEST(Standardizer, TakesExamplesOfAnyShape) {
  std::vector<double> x(24);
  std::iota(x.begin(), x.end(), 0);
  const TensorDataset all(FromSpan<double>({4, 2, 3}, x), Zeros({4}),
                          {.picture = {2, 3}});
  const Map set = Standardized(all, Standardizer::Of(all));
  EXPECT_EQ(All(set).x.shape(), (Shape{4, 2, 3}));
  EXPECT_EQ(set.info().picture.rank(), 0);
}

TEST(Standardizer, IsReadAsItWasWritten) {
  const std::string path = testing::TempDir() + "columns.safetensors";
  const auto columns = Standardizer::Of(Rows({1, 10, 2, 10, 4, 30}, 2));
  ASSERT_TRUE(columns.Save(path).ok());
  const auto read = Standardizer::Load(path);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(Values<double>(read->mean()), Values<double>(columns.mean()));
  EXPECT_EQ(Values<double>(read->deviation()),
            Values<double>(columns.deviation()));
}

TEST(Standardizer, RefusesAFileOfAnythingElse) {
  const std::string path = testing::TempDir() + "other.safetensors";
  const Tensor one = Ones({2}, DType::kF64);
  EXPECT_TRUE(absl::IsNotFound(Standardizer::Load(path + ".none").status()));
  for (const std::vector<io::NamedTensor>& tensors :
       {std::vector<io::NamedTensor>{{"mean", one}},
        {{"mean", one}, {"deviation", one}, {"more", one}},
        {{"mean", one}, {"deviation", Ones({3}, DType::kF64)}},
        {{"mean", one}, {"deviation", Ones({2})}},
        {{"mean", one}, {"deviation", Zeros({2}, DType::kF64)}},
        {{"mean", one}, {"deviation", Full({2}, kInf, DType::kF64)}}}) {
    ASSERT_TRUE(io::WriteSafetensors(path, tensors).ok());
    const absl::Status status = Standardizer::Load(path).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
    EXPECT_TRUE(absl::StrContains(status.message(), path)) << status;
  }
}

TEST(Standardizer, RefusesWhatHasNoMean) {
  EXPECT_THROW(Standardizer::Of(Rows({}, 1)), ValueError);
  for (const double bad : {kInf, -kInf, std::nan("")}) {
    EXPECT_EQ(ErrorOf<ValueError>([&] {
                Standardizer::Of(Rows({1, 2, 3, bad}, 2));
              }),
              "Standardizer: column 2 of 2 has a value that is not finite");
  }
  EXPECT_THROW(Standardizer::Of(Zeros({3, 2}, DType::kI32)), DTypeError);
  const auto columns = Standardizer::Of(Rows({1, 2, 3, 4}, 2));
  EXPECT_THROW(columns.Apply(Zeros({5, 3})), ShapeError);
  EXPECT_THROW(columns.Apply(Zeros({})), ShapeError);
  EXPECT_THROW(columns.Invert(Zeros({5, 2}, DType::kI32)), DTypeError);
}

}  // namespace
}  // namespace adjoint::data
