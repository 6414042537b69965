#include "framework/ops/statistics.h"

#include <cmath>
#include <limits>
#include <vector>

#include "framework/autograd/grad.h"
#include "framework/base/error.h"
#include "framework/base/rng.h"
#include "framework/core/catalog.h"
#include "framework/core/tensor.h"
#include "framework/ops/softmax.h"
#include "gtest/gtest.h"

namespace adjoint {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

template <class T>
std::vector<T> Values(const Tensor& x) {
  return {x.data<T>().begin(), x.data<T>().end()};
}

// What a reduction of the axes 0 and 2 of [2,3,4] to [3] should give, from the
// 8 values that meet in one element.
template <class Fn>
void ExpectOverOuterAxes(const Tensor& x, const Tensor& y, Fn definition) {
  ASSERT_EQ(y.size(), 3);
  for (int j = 0; j < 3; ++j) {
    std::vector<long double> group;
    for (int i : {0, 1}) {
      for (int k : {0, 1, 2, 3}) {
        group.push_back(x.data<double>()[(i * 3 + j) * 4 + k]);
      }
    }
    EXPECT_NEAR(y.data<double>()[j], definition(group), 1e-14) << "at " << j;
  }
}

TEST(LogSumExp, FollowsTheDefinitionOverAnyAxes) {
  Rng rng(1);
  const Tensor x = Draw(Real({2, 3, 4}, -4, 4), DType::kF64, rng);
  const auto definition = [](const std::vector<long double>& group) {
    long double sum = 0;
    for (long double v : group) sum += std::exp(v);
    return std::log(sum);
  };
  ExpectOverOuterAxes(x, LogSumExp(x, {0, -1}), definition);
  const Tensor kept = LogSumExp(x, {0, 2}, {.keepdims = true});
  EXPECT_EQ(kept.shape(), Shape({1, 3, 1}));
  ExpectOverOuterAxes(x, kept, definition);

  const absl::Span<const double> all = x.data<double>();
  EXPECT_NEAR(LogSumExp(x).item(), definition({all.begin(), all.end()}), 1e-14);
  EXPECT_EQ(LogSumExp(x).shape(), Shape({}));
}

TEST(LogSumExp, OfOneNumberIsTheNumber) {
  EXPECT_EQ(LogSumExp(FromValues({}, {-7})).item(), -7);
  EXPECT_EQ(Values<float>(LogSumExp(FromValues({2}, {3e38, -3e38}), {})),
            std::vector<float>({3e38, -3e38}));
}

TEST(LogSumExp, HugeValuesDoNotOverflow) {
  const Tensor x = FromValues({3, 2}, {1000, 1000, -1000, -1000, 3e38, -3e38});
  const Tensor y = LogSumExp(x, {1});
  EXPECT_FLOAT_EQ(y.data<float>()[0], 1000 + std::log(2.0));
  EXPECT_FLOAT_EQ(y.data<float>()[1], -1000 + std::log(2.0));
  EXPECT_EQ(y.data<float>()[2], 3e38f);
}

TEST(LogSumExp, InfinitiesAreRight) {
  const Tensor x = FromValues({5, 2}, {-kInf, 2,      //
                                       -kInf, -kInf,  //
                                       kInf, 1,       //
                                       kInf, -kInf,   //
                                       kInf, kNan});
  const std::vector<float> y = Values<float>(LogSumExp(x, {1}));
  EXPECT_EQ(y[0], 2);
  EXPECT_EQ(y[1], -kInf);
  EXPECT_EQ(y[2], kInf);
  EXPECT_EQ(y[3], kInf);
  EXPECT_TRUE(std::isnan(y[4]));
}

TEST(LogSumExp, OfNothingIsMinusInfinity) {
  EXPECT_EQ(Values<float>(LogSumExp(Zeros({2, 0}), {1})),
            std::vector<float>({-kInf, -kInf}));
  EXPECT_EQ(LogSumExp(Zeros({0})).item(), -kInf);
  EXPECT_EQ(LogSumExp(Zeros({2, 0}), {0}).shape(), Shape({0}));
}

TEST(LogSumExp, ItsGradientIsTheSoftmaxAndThatOfSoftmaxFollows) {
  const Tensor x = Leaf(FromValues<double>({3}, {1, -2, 0.5}));
  const Tensor dx = Grad(LogSumExp(x), {x}, {.create_graph = true})[0];
  const Tensor p = Softmax(x.Detach());
  for (int i = 0; i < 3; ++i) {
    EXPECT_NEAR(dx.data<double>()[i], p.data<double>()[i], 1e-15);
  }
  // The first row of the Hessian: p_0 ([i = 0] - p_i).
  const Tensor row =
      Grad(dx, {x}, {.seed = FromValues<double>({3}, {1, 0, 0})})[0];
  const double p0 = p.data<double>()[0];
  for (int i = 0; i < 3; ++i) {
    EXPECT_NEAR(row.data<double>()[i], p0 * ((i == 0) - p.data<double>()[i]),
                1e-15);
  }
}

TEST(Variance, FollowsTheDefinitionOverAnyAxes) {
  Rng rng(2);
  const Tensor x = Draw(Real({2, 3, 4}, -4, 4), DType::kF64, rng);
  for (int correction : {0, 1, 3}) {
    // By all pairs, which needs no mean: sum of (v - w)^2 = 2 n sum of
    // (v - mean)^2.
    const auto definition = [&](const std::vector<long double>& group) {
      long double sum = 0;
      for (long double v : group) {
        for (long double w : group) sum += (v - w) * (v - w);
      }
      const long double n = group.size();
      return sum / (2 * n) / (n - correction);
    };
    ExpectOverOuterAxes(x, Variance(x, {0, -1}, {.correction = correction}),
                        definition);
    const Tensor kept =
        Variance(x, {0, 2}, {.keepdims = true, .correction = correction});
    EXPECT_EQ(kept.shape(), Shape({1, 3, 1}));
    ExpectOverOuterAxes(x, kept, definition);
    const absl::Span<const double> all = x.data<double>();
    EXPECT_NEAR(Variance(x, {0, 1, 2}, {.correction = correction}).item(),
                definition({all.begin(), all.end()}), 1e-14);
  }
}

TEST(Variance, IsOfASampleByDefault) {
  EXPECT_FLOAT_EQ(Variance(FromValues({4}, {0, 0, 3, 5})).item(), 6);
}

TEST(Variance, ALargeMeanDoesNotDrownIt) {
  const Tensor x = FromValues<double>({3}, {1e9 + 4, 1e9 + 7, 1e9 + 13});
  EXPECT_EQ(Variance(x).item(), 21);
}

TEST(Variance, DerivativesAreThoseOfTheFormula) {
  const Tensor x = Leaf(FromValues<double>({3}, {1, 2, 6}));
  const Tensor dx = Grad(Variance(x), {x}, {.create_graph = true})[0];
  // 2 (x - mean) / (n - 1)
  EXPECT_EQ(Values<double>(dx), std::vector<double>({-2, -1, 3}));
  // 2 ([i = j] - 1/n) / (n - 1)
  const Tensor row =
      Grad(dx, {x}, {.seed = FromValues<double>({3}, {1, 0, 0})})[0];
  for (int i = 0; i < 3; ++i) {
    EXPECT_NEAR(row.data<double>()[i], (i == 0) - 1. / 3, 1e-15);
  }
}

TEST(Variance, OfTooFewElementsIsRefused) {
  try {
    Variance(Zeros({5, 1}), {1});
    FAIL() << "did not throw";
  } catch (const ShapeError& e) {
    EXPECT_STREQ(e.what(),
                 "variance: needs more than 1 elements, not 1: f32 [5,1]");
  }
  EXPECT_THROW(Variance(Zeros({0})), ShapeError);
  EXPECT_EQ(Variance(Zeros({5, 1}), {1}, {.correction = 0}).shape(),
            Shape({5}));
  EXPECT_EQ(Variance(Zeros({0, 3}), {1}).shape(), Shape({0}));
}

}  // namespace
}  // namespace adjoint
