#include "framework/train/metrics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "framework/adjoint.h"

namespace adjoint::train {
namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
constexpr float kInf = std::numeric_limits<float>::infinity();

double AccuracyOf(const Tensor& output, std::initializer_list<int> labels) {
  Metrics metrics;
  const std::vector<int32_t> as_int32(labels.begin(), labels.end());
  metrics.Add(
      {Full({}, 0), output, FromSpan<int32_t>({output.shape()[0]}, as_int32)});
  return metrics.accuracy();
}

TEST(Metrics, AccuracyCountsTheLargestOutput) {
  const Tensor output = FromValues({4, 3}, {0, 1, 2,     //
                                            -1, -3, -2,  //
                                            5, 9, 7,     //
                                            3, 2, -kInf});
  EXPECT_EQ(AccuracyOf(output, {2, 0, 1, 0}), 1);
  EXPECT_EQ(AccuracyOf(output, {2, 0, 1, 2}), 0.75);
  EXPECT_EQ(AccuracyOf(output, {0, 1, 2, 1}), 0);
  EXPECT_EQ(AccuracyOf(FromValues<double>({1, 2}, {1, 2}), {1}), 1);
}

TEST(Metrics, OfEqualOutputsTheFirstIsTheLargest) {
  const Tensor output = FromValues({3, 3}, {4, 4, 4,  //
                                            1, 7, 7,  //
                                            -kInf, -kInf, -kInf});
  EXPECT_EQ(AccuracyOf(output, {0, 1, 0}), 1);
  EXPECT_EQ(AccuracyOf(output, {1, 2, 2}), 0);
}

TEST(Metrics, NaNIsLargerThanAnyNumber) {
  const Tensor output = FromValues({4, 3}, {kNaN, 1, 2,     //
                                            1, kNaN, kInf,  //
                                            1, 2, kNaN,     //
                                            3, kNaN, kNaN});
  EXPECT_EQ(AccuracyOf(output, {0, 1, 2, 1}), 1);
  EXPECT_EQ(AccuracyOf(output, {2, 2, 1, 0}), 0);
}

TEST(Metrics, WeighBatchesByTheirSize) {
  Metrics metrics;
  metrics.Add({Full({}, 1), FromValues({3, 2}, {0, 1, 0, 1, 0, 1}),
               FromValues<int32_t>({3}, {1, 1, 1})});
  metrics.Add(
      {Full({}, 5), FromValues({1, 2}, {0, 1}), FromValues<int32_t>({1}, {0})});
  EXPECT_EQ(metrics.examples(), 4);
  EXPECT_EQ(metrics.loss(), (3 * 1 + 5) / 4.0);
  EXPECT_EQ(metrics.accuracy(), 0.75);
}

TEST(Metrics, AreNaNWithoutExamples) {
  EXPECT_EQ(Metrics().examples(), 0);
  EXPECT_TRUE(std::isnan(Metrics().loss()));
  EXPECT_TRUE(std::isnan(Metrics().accuracy()));
}

TEST(Metrics, HaveALossButNoAccuracyForTargetsThatAreNoClasses) {
  Metrics metrics;
  metrics.Add({Full({}, 2), Ones({3, 2}), Ones({3, 2})});
  metrics.Add({Full({}, 4), Ones({1}), Tensor()});
  EXPECT_EQ(metrics.examples(), 4);
  EXPECT_EQ(metrics.loss(), 2.5);
  EXPECT_TRUE(std::isnan(metrics.accuracy()));
}

TEST(Metrics, AverageThePartsOfTheLoss) {
  Metrics metrics;
  EXPECT_TRUE(metrics.parts().empty());
  metrics.Add({Full({}, 3),
               Ones({3, 2}),
               Tensor(),
               {{"a", Full({}, 1)}, {"b", Full({}, 2)}}});
  metrics.Add({Full({}, 9),
               Ones({1, 2}),
               Tensor(),
               {{"a", Full({}, 5)}, {"b", Full({}, 4)}}});
  const std::vector<NamedValue> parts = metrics.parts();
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_EQ(parts[0].name, "a");
  EXPECT_EQ(parts[0].value, (3 * 1 + 5) / 4.0);
  EXPECT_EQ(parts[1].name, "b");
  EXPECT_EQ(parts[1].value, (3 * 2 + 4) / 4.0);
}

// Puts out what it is given, and remembers how.
class Spy final : public nn::Layer {
 public:
  std::string Kind() const override { return "Spy"; }
  Tensor Forward(const Tensor& x, const nn::Pass& pass) const override {
    EXPECT_FALSE(pass.training);
    EXPECT_FALSE(IsRecording());
    sizes.push_back(x.shape()[0]);
    return x;
  }
  mutable std::vector<int64_t> sizes;
};

TEST(Evaluate, CoversEveryExampleOnceInOrderWithoutTraining) {
  // Seven examples whose first output is their number; three are right.
  const data::TensorDataset dataset(
      FromValues({7, 2}, {0, 9, 1, 9, 2, 9, 3, 9, 4, 9, 5, 9, 6, 9}),
      FromValues<int32_t>({7}, {0, 0, 1, 0, 1, 0, 1}));
  std::vector<float> seen;
  const LossFunction mean_of_first = [&](const Tensor& output, const Tensor&) {
    double sum = 0;
    for (int64_t i = 0; i < output.size(); i += 2) {
      seen.push_back(output.data<float>()[i]);
      sum += seen.back();
    }
    return Full({}, sum / static_cast<double>(output.shape()[0]));
  };
  Spy spy;
  const Metrics metrics =
      Evaluate(spy, dataset, mean_of_first, {.batch_size = 3});
  EXPECT_EQ(spy.sizes, (std::vector<int64_t>{3, 3, 1}));
  EXPECT_EQ(seen, (std::vector<float>{0, 1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(metrics.examples(), 7);
  EXPECT_EQ(metrics.loss(), 3);
  EXPECT_EQ(metrics.accuracy(), 3.0 / 7);
  EXPECT_TRUE(IsRecording());
}

}  // namespace
}  // namespace adjoint::train
