#include "framework/ops/loss.h"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "framework/autograd/grad.h"
#include "framework/base/error.h"
#include "framework/base/rng.h"
#include "framework/core/catalog.h"
#include "framework/core/tensor.h"
#include "framework/ops/index.h"
#include "framework/ops/reduce.h"
#include "gtest/gtest.h"

namespace adjoint {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();

// The text of the E that `f` throws.
template <class E, class Fn>
std::string Thrown(Fn f) {
  try {
    f();
  } catch (const E& e) {
    return e.what();
  }
  return "nothing of that kind was thrown";
}

TEST(SoftmaxCrossEntropy, FollowsTheDefinition) {
  // -log(e^x[label] / sum of e^x), in long double.
  Rng rng(1);
  const Tensor x = Draw(Real({2, 3, 5}, -4, 4), DType::kF64, rng);
  const Tensor labels = Draw(Index({2, 3}, 5), DType::kF64, rng);
  const Tensor y =
      SoftmaxCrossEntropy(x, labels, {.reduction = Reduction::kNone});
  ASSERT_EQ(y.shape(), Shape({2, 3}));
  long double total = 0;
  for (int r = 0; r < 6; ++r) {
    const double* row = &x.data<double>()[r * 5];
    const long double chosen = row[labels.data<int32_t>()[r]];
    long double sum = 0;
    for (int c = 0; c < 5; ++c) sum += std::exp(row[c] + 0.0L);
    const long double want = -std::log(std::exp(chosen) / sum);
    EXPECT_NEAR(y.data<double>()[r], want, 1e-14);
    total += want;
  }
  EXPECT_NEAR(SoftmaxCrossEntropy(x, labels).item(), total / 6, 1e-14);
  EXPECT_NEAR(
      SoftmaxCrossEntropy(x, labels, {.reduction = Reduction::kSum}).item(),
      total, 1e-14);
}

TEST(SoftmaxCrossEntropy, OfEqualLogitsIsTheLogOfTheClasses) {
  const Tensor labels = FromValues<int32_t>({4}, {0, 3, 9, 5});
  EXPECT_FLOAT_EQ(SoftmaxCrossEntropy(Zeros({4, 10}), labels).item(),
                  std::log(10.0));
}

TEST(SoftmaxCrossEntropy, IsAccurateForHugeAndForConfidentLogits) {
  const Tensor x = FromValues({5, 2}, {1e8, 1e8,     //
                                       3e38, -3e38,  //
                                       -1e30, 1e30,  //
                                       15, 0,        //
                                       0, -kInf});
  const Tensor labels = FromValues<int32_t>({5}, {0, 0, 0, 0, 1});
  const Tensor y =
      SoftmaxCrossEntropy(x, labels, {.reduction = Reduction::kNone});
  EXPECT_FLOAT_EQ(y.data<float>()[0], std::log(2.0));
  EXPECT_EQ(y.data<float>()[1], 0);
  EXPECT_FLOAT_EQ(y.data<float>()[2], 2e30f);
  EXPECT_FLOAT_EQ(y.data<float>()[3], std::log1p(std::exp(-15.0)));
  EXPECT_EQ(y.data<float>()[4], kInf);
}

TEST(SoftmaxCrossEntropy, GradientIsProbabilityMinusOneHot) {
  const Tensor x = Leaf(FromValues<double>({2, 3}, {1, 2, 4, 0, 0, 0}));
  const Tensor labels = FromValues<int32_t>({2}, {1, 2});
  const Tensor dx = Grad(SoftmaxCrossEntropy(x, labels), {x})[0];
  const double sum = std::exp(1.) + std::exp(2.) + std::exp(4.);
  const double third = 1. / 3;
  const std::vector<double> want = {std::exp(1.) / sum,
                                    std::exp(2.) / sum - 1,
                                    std::exp(4.) / sum,
                                    third,
                                    third,
                                    third - 1};
  for (int i = 0; i < 6; ++i) {
    EXPECT_NEAR(dx.data<double>()[i], want[i] / 2, 1e-15) << "at " << i;
  }
}

TEST(SoftmaxCrossEntropy, AConfidentF32GradientDoesNotCancel) {
  // softmax(x)[0] is 1 - 3e-7, which f32 rounds by a fifth of the difference.
  const Tensor x = Leaf(FromValues({1, 2}, {15, 0}));
  const Tensor labels = FromValues<int32_t>({1}, {0});
  const Tensor dx = Grad(SoftmaxCrossEntropy(x, labels), {x})[0];
  const float p = 1 / (1 + std::exp(15.0));
  EXPECT_FLOAT_EQ(dx.data<float>()[0], -p);
  EXPECT_FLOAT_EQ(dx.data<float>()[1], p);
}

TEST(SoftmaxCrossEntropy, NamesTheBadLabelAndItsPlace) {
  const Tensor labels = FromValues<int32_t>({2, 3}, {0, 9, 1, 5, 10, 11});
  EXPECT_EQ(Thrown<ValueError>([&] {
              SoftmaxCrossEntropy(Zeros({2, 3, 10}), labels);
            }),
            "softmax_cross_entropy: label 10 at [1,1] is not in [0, 10): "
            "f32 [2,3,10], i32 [2,3]");
  EXPECT_EQ(Thrown<ValueError>([&] {
              SoftmaxCrossEntropy(Zeros({3}), FromValues<int32_t>({}, {-1}));
            }),
            "softmax_cross_entropy: label -1 at [] is not in [0, 3): "
            "f32 [3], i32 []");
}

TEST(SoftmaxCrossEntropy, RefusesShapesThatDoNotFit) {
  const Tensor x = Zeros({4, 10});
  EXPECT_EQ(Thrown<ShapeError>([&] {
              SoftmaxCrossEntropy(x, Zeros({4, 1}, DType::kI32));
            }),
            "softmax_cross_entropy: labels must have the axes of logits but "
            "the last: f32 [4,10], i32 [4,1]");
  EXPECT_EQ(Thrown<ShapeError>([&] {
              SoftmaxCrossEntropy(Zeros({}), Zeros({}, DType::kI32));
            }),
            "softmax_cross_entropy: logits have no axis of classes: "
            "f32 [], i32 []");
  EXPECT_EQ(Thrown<ShapeError>([&] { SoftmaxCrossEntropy(x, Zeros({4})); }),
            "soft_target_cross_entropy: targets that are probabilities must "
            "have the shape of logits: f32 [4,10], f32 [4]");
  EXPECT_THROW(SoftmaxCrossEntropy(x, Zeros({4, 10}, DType::kF64)), DTypeError);
  EXPECT_THROW(SoftmaxCrossEntropy(x, Tensor()), ValueError);
}

TEST(SoftmaxCrossEntropy, OfAnEmptyBatchHasASumButNoMean) {
  const Tensor x = Zeros({0, 10}), labels = Zeros({0}, DType::kI32);
  EXPECT_EQ(Thrown<ShapeError>([&] { SoftmaxCrossEntropy(x, labels); }),
            "softmax_cross_entropy: mean of an empty batch: "
            "f32 [0,10], i32 [0]");
  EXPECT_EQ(
      SoftmaxCrossEntropy(x, labels, {.reduction = Reduction::kSum}).item(), 0);
  EXPECT_EQ(
      SoftmaxCrossEntropy(x, labels, {.reduction = Reduction::kNone}).shape(),
      Shape({0}));
}

TEST(SoftmaxCrossEntropy, OfOneHotTargetsIsThatOfLabels) {
  Rng rng(2);
  const Tensor x = Leaf(Draw(Real({2, 3, 5}, -4, 4), DType::kF64, rng));
  const Tensor labels = Draw(Index({2, 3}, 5), DType::kF64, rng);
  const Tensor hard = SoftmaxCrossEntropy(x, labels);
  const Tensor soft = SoftmaxCrossEntropy(x, OneHot(labels, 5, DType::kF64));
  EXPECT_NEAR(hard.item(), soft.item(), 1e-14);
  const Tensor a = Grad(hard, {x})[0], b = Grad(soft, {x})[0];
  for (int i = 0; i < 30; ++i) {
    EXPECT_NEAR(a.data<double>()[i], b.data<double>()[i], 1e-15);
  }
}

// The targets are no probabilities here, nor do they need to be.
TEST(SoftmaxCrossEntropy, OfWeightsFollowsTheDefinition) {
  const double l1 = std::log(std::exp(1.) + std::exp(3.));
  const Tensor x = Leaf(FromValues<double>({2, 2}, {1, 3, 0, 0}));
  const Tensor t = Leaf(FromValues<double>({2, 2}, {0.25, 0.5, 2, 1}));
  const Tensor y = SoftmaxCrossEntropy(x, t, {.reduction = Reduction::kNone});
  ASSERT_EQ(y.shape(), Shape({2}));
  EXPECT_NEAR(y.data<double>()[0], 0.25 * (l1 - 1) + 0.5 * (l1 - 3), 1e-15);
  EXPECT_NEAR(y.data<double>()[1], 3 * std::log(2.), 1e-15);
  const std::vector<Tensor> d = Grad(Sum(y), {x, t});
  const double p = std::exp(1 - l1);
  const std::vector<double> dx = {0.75 * p - 0.25, 0.75 * (1 - p) - 0.5, -0.5,
                                  0.5};
  const std::vector<double> dt = {l1 - 1, l1 - 3, std::log(2.), std::log(2.)};
  for (int i = 0; i < 4; ++i) {
    EXPECT_NEAR(d[0].data<double>()[i], dx[i], 1e-15) << i;
    EXPECT_NEAR(d[1].data<double>()[i], dt[i], 1e-15) << i;
  }
}

TEST(SoftmaxCrossEntropy, AClassWithoutWeightMayBeImpossible) {
  const Tensor x = Leaf(FromValues({1, 3}, {0, -kInf, 0}));
  const Tensor y = SoftmaxCrossEntropy(x, FromValues({1, 3}, {0.5, 0, 0.5}));
  EXPECT_FLOAT_EQ(y.item(), std::log(2.0));
  EXPECT_EQ(Grad(y, {x})[0].data<float>(), std::vector<float>({0, 0, 0}));
  EXPECT_EQ(SoftmaxCrossEntropy(x, FromValues({1, 3}, {0.5, 0.5, 0})).item(),
            kInf);
}

}  // namespace
}  // namespace adjoint
