#include "framework/ops/elementwise_loss.h"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "framework/autograd/grad.h"
#include "framework/base/error.h"
#include "framework/core/tensor.h"
#include "gtest/gtest.h"

namespace adjoint {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

template <class T>
std::vector<T> Values(const Tensor& x) {
  return {x.data<T>().begin(), x.data<T>().end()};
}

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

TEST(MeanSquaredError, IsTheMeanOfTheSquares) {
  const Tensor prediction = FromValues({2, 2}, {1, 2, 3, 4});
  const Tensor target = FromValues({2, 2}, {1, 0, 6, 3});
  EXPECT_EQ(MeanSquaredError(prediction, target).item(), 14. / 4);
}

TEST(MeanSquaredError, GradientsAreOpposite) {
  const Tensor prediction = Leaf(FromValues({2}, {1, 5}));
  const Tensor target = Leaf(FromValues({2}, {4, 3}));
  const std::vector<Tensor> d =
      Grad(MeanSquaredError(prediction, target), {prediction, target});
  EXPECT_EQ(d[0].data<float>(), std::vector<float>({-3, 2}));
  EXPECT_EQ(d[1].data<float>(), std::vector<float>({3, -2}));
}

TEST(ElementwiseLoss, NeverBroadcasts) {
  const Tensor a = Zeros({8, 1}), b = Zeros({8});
  EXPECT_EQ(Thrown<ShapeError>([&] { MeanSquaredError(a, b); }),
            "squared_error: shapes differ: f32 [8,1], f32 [8]");
  EXPECT_EQ(Thrown<ShapeError>([&] { MeanAbsoluteError(a, b); }),
            "absolute_error: shapes differ: f32 [8,1], f32 [8]");
  EXPECT_EQ(Thrown<ShapeError>([&] { Huber(a, b); }),
            "huber: shapes differ: f32 [8,1], f32 [8]");
  EXPECT_EQ(Thrown<ShapeError>([&] { BinaryCrossEntropyWithLogits(a, b); }),
            "binary_cross_entropy: shapes differ: f32 [8,1], f32 [8]");
}

TEST(ElementwiseLoss, OfNothingIsRefused) {
  const Tensor x = Zeros({0, 3});
  EXPECT_THROW(MeanSquaredError(x, x), ShapeError);
  EXPECT_THROW(MeanAbsoluteError(x, x), ShapeError);
  EXPECT_THROW(Huber(x, x), ShapeError);
  EXPECT_THROW(BinaryCrossEntropyWithLogits(x, x), ShapeError);
}

TEST(MeanAbsoluteError, IsTheMeanAndItsGradientTheSign) {
  const Tensor prediction = Leaf(FromValues({2, 2}, {1, 2, 3, 4}));
  const Tensor target = Leaf(FromValues({2, 2}, {1, 0, 6, 3}));
  const Tensor y = MeanAbsoluteError(prediction, target);
  EXPECT_EQ(y.item(), 6. / 4);
  const std::vector<Tensor> d = Grad(y, {prediction, target});
  EXPECT_EQ(Values<float>(d[0]), std::vector<float>({0, .25, -.25, .25}));
  EXPECT_EQ(Values<float>(d[1]), std::vector<float>({0, -.25, .25, -.25}));
}

TEST(Huber, IsSquareInsideAndStraightOutside) {
  const Tensor prediction = Leaf(FromValues({4}, {1, 2, -3, 4}));
  const Tensor target = Leaf(FromValues({4}, {0, 0, 0, 4}));
  // 1/2, 2, 2 (3 - 1) and 0.
  const Tensor y = Huber(prediction, target, 2);
  EXPECT_EQ(y.item(), 6.5 / 4);
  const std::vector<Tensor> d = Grad(y, {prediction, target});
  EXPECT_EQ(Values<float>(d[0]), std::vector<float>({.25, .5, -.5, 0}));
  EXPECT_EQ(Values<float>(d[1]), std::vector<float>({-.25, -.5, .5, 0}));
}

TEST(Huber, OfHugeErrorsDoesNotOverflow) {
  const auto huber = [](float prediction, double delta) {
    return Huber(FromValues({}, {prediction}), Zeros({}), delta).item();
  };
  EXPECT_EQ(huber(-1e30, 1), 1e30f);
  EXPECT_EQ(huber(-kInf, 1), kInf);
  EXPECT_TRUE(std::isnan(huber(kNan, 1)));
  EXPECT_EQ(huber(3, kInf), 4.5);
}

TEST(Huber, RefusesADeltaThatIsNotPositive) {
  const Tensor x = Zeros({2});
  for (double delta : {0.0, -1.0, static_cast<double>(kNan)}) {
    EXPECT_EQ(Thrown<ValueError>([&] { Huber(x, x, delta); }),
              "huber: delta must be positive: f32 [2], f32 [2]");
  }
}

TEST(BinaryCrossEntropyWithLogits, FollowsTheDefinition) {
  const std::vector<double> x = {-3, -0.5, 0, 0.5, 4, 2};
  const std::vector<double> z = {0, 1, 0.5, 0.2, 1, 0};
  const Tensor logits = Leaf(FromSpan<double>({6}, x));
  const Tensor targets = Leaf(FromSpan<double>({6}, z));
  const Tensor y = BinaryCrossEntropyWithLogits(logits, targets);
  const std::vector<Tensor> d = Grad(y, {logits, targets});
  long double sum = 0;
  for (int i = 0; i < 6; ++i) {
    const long double p = 1 / (1 + std::exp(-static_cast<long double>(x[i])));
    sum -= z[i] * std::log(p) + (1 - z[i]) * std::log(1 - p);
    EXPECT_NEAR(d[0].data<double>()[i], (p - z[i]) / 6, 1e-15);
    EXPECT_NEAR(d[1].data<double>()[i], -x[i] / 6, 1e-15);
  }
  EXPECT_NEAR(y.item(), sum / 6, 1e-14);
}

// Loss and gradient of one logit in f32.
struct Outcome {
  float loss, slope;
};
Outcome Judge(float logit, float target) {
  const Tensor x = Leaf(FromValues({}, {logit}));
  const Tensor y = BinaryCrossEntropyWithLogits(x, FromValues({}, {target}));
  return {static_cast<float>(y.item()),
          static_cast<float>(Grad(y, {x})[0].item())};
}

TEST(BinaryCrossEntropyWithLogits, AConfidentLogitDoesNotCancel) {
  // 1 - p is 2e-9, of which f32 has nothing beside 1.
  const double rest = std::exp(-20.0) / (1 + std::exp(-20.0));
  const Outcome right = Judge(20, 1), also_right = Judge(-20, 0);
  EXPECT_FLOAT_EQ(right.loss, std::log1p(std::exp(-20.0)));
  EXPECT_FLOAT_EQ(right.slope, -rest);
  EXPECT_FLOAT_EQ(also_right.loss, std::log1p(std::exp(-20.0)));
  EXPECT_FLOAT_EQ(also_right.slope, rest);
}

TEST(BinaryCrossEntropyWithLogits, HugeAndInfiniteLogitsAreRight) {
  for (float huge : {1e30f, kInf}) {
    EXPECT_EQ(Judge(huge, 1).loss, 0);
    EXPECT_EQ(Judge(huge, 1).slope, 0);
    EXPECT_EQ(Judge(-huge, 0).loss, 0);
    EXPECT_EQ(Judge(-huge, 0).slope, 0);
    EXPECT_EQ(Judge(huge, 0).loss, huge);
    EXPECT_EQ(Judge(huge, 0).slope, 1);
    EXPECT_EQ(Judge(-huge, 1).loss, huge);
    EXPECT_EQ(Judge(-huge, 1).slope, -1);
  }
  EXPECT_TRUE(std::isnan(Judge(kNan, 0).loss));
}

}  // namespace
}  // namespace adjoint
