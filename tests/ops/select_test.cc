#include "framework/ops/select.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "framework/autograd/grad.h"
#include "framework/base/error.h"
#include "framework/core/tensor.h"
#include "framework/ops/arithmetic.h"
#include "gtest/gtest.h"

namespace adjoint {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

template <class T = float>
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

TEST(MinimumAndMaximum, ChooseAndBroadcast) {
  const Tensor a = FromValues({2, 3}, {1, 5, -kInf, 4, 0, kInf});
  const Tensor b = FromValues({3}, {2, 2, 2});
  EXPECT_EQ(Values(Minimum(a, b)), std::vector<float>({1, 2, -kInf, 2, 0, 2}));
  EXPECT_EQ(Values(Maximum(b, a)), std::vector<float>({2, 5, 2, 4, 2, kInf}));
}

TEST(MinimumAndMaximum, TurnNanIntoNanWhicheverSideItIsOn) {
  // Long enough for the vectorised part of the loop.
  const Tensor nan = Full({67}, kNan), infinite = Full({67}, kInf);
  for (const Tensor& y :
       {Minimum(nan, infinite), Minimum(infinite, nan), Maximum(nan, infinite),
        Maximum(infinite, nan), Minimum(nan, -infinite)}) {
    for (float value : y.data<float>()) EXPECT_TRUE(std::isnan(value));
  }
}

TEST(MinimumAndMaximum, TiesShareTheGradient) {
  const Tensor a = Leaf(FromValues({4}, {1, 2, 3, 0}));
  const Tensor b = Leaf(FromValues({4}, {2, 2, 2, -0.0}));
  const Tensor seed = FromValues({4}, {8, 8, 8, 8});
  std::vector<Tensor> d = Grad(Maximum(a, b), {a, b}, {.seed = seed});
  EXPECT_EQ(Values(d[0]), std::vector<float>({0, 4, 8, 4}));
  EXPECT_EQ(Values(d[1]), std::vector<float>({8, 4, 0, 4}));
  d = Grad(Minimum(a, b), {a, b}, {.seed = seed});
  EXPECT_EQ(Values(d[0]), std::vector<float>({8, 4, 0, 4}));
  EXPECT_EQ(Values(d[1]), std::vector<float>({0, 4, 8, 4}));
}

TEST(Clamp, BoundsValuesAndLetsTheGradientThroughInsideAndAtTheBounds) {
  const Tensor x =
      Leaf(FromValues({7}, {-kInf, -1.5, -1, 0.25, 0.5, 0.75, kInf}));
  const Tensor y = Clamp(x, -1, 0.5);
  EXPECT_EQ(Values(y), std::vector<float>({-1, -1, -1, 0.25, 0.5, 0.5, 0.5}));
  const Tensor dx = Grad(y, {x}, {.seed = Full({7}, 3)})[0];
  EXPECT_EQ(Values(dx), std::vector<float>({0, 0, 3, 3, 3, 0, 0}));
}

TEST(Clamp, KeepsNan) {
  const Tensor y = Clamp(Full({67}, kNan), -1, 1);
  for (float value : y.data<float>()) EXPECT_TRUE(std::isnan(value));
}

TEST(Clamp, TakesOneSidedAndEqualBounds) {
  const Tensor x = FromValues({3}, {-2, 0, 2});
  EXPECT_EQ(Values(Clamp(x, 0, kInf)), std::vector<float>({0, 0, 2}));
  EXPECT_EQ(Values(Clamp(x, -kInf, 0)), std::vector<float>({-2, 0, 0}));
  EXPECT_EQ(Values(Clamp(x, 1, 1)), std::vector<float>({1, 1, 1}));
}

TEST(Clamp, RefusesBoundsInTheWrongOrder) {
  const std::string want = "clamp: low must be at most high: f32 [2]";
  EXPECT_EQ(Thrown<ValueError>([] { Clamp(Ones({2}), 1, 0); }), want);
  EXPECT_EQ(Thrown<ValueError>([] { Clamp(Ones({2}), kNan, 0); }), want);
}

TEST(Where, ChoosesAfterBroadcastingAllThree) {
  const Tensor condition = FromValues<int32_t>({2, 1}, {0, -7});
  const Tensor a = FromValues({3}, {1, 2, 3});
  const Tensor b = FromValues({}, {9});
  const Tensor y = Where(condition, a, b);
  EXPECT_EQ(y.shape(), Shape({2, 3}));
  EXPECT_EQ(Values(y), std::vector<float>({9, 9, 9, 1, 2, 3}));
}

TEST(Where, ChoosesIntegersToo) {
  const Tensor condition = FromValues<int32_t>({3}, {1, 0, 1});
  const Tensor y = Where(condition, FromValues<int32_t>({3}, {1, 2, 3}),
                         FromValues<int32_t>({}, {-1}));
  EXPECT_EQ(Values<int32_t>(y), std::vector<int32_t>({1, -1, 3}));
}

TEST(Where, TheSideNotChosenHasNoPart) {
  const Tensor condition = FromValues<int32_t>({2}, {1, 0});
  const Tensor a = Leaf(FromValues({2}, {4, kNan}));
  const Tensor b = Leaf(FromValues({2}, {kInf, 5}));
  const Tensor y = Where(condition, a, b);
  EXPECT_EQ(Values(y), std::vector<float>({4, 5}));
  // Nor has an infinite gradient: 0 inf would be NaN.
  const std::vector<Tensor> d =
      Grad(y, {a, b}, {.seed = FromValues({2}, {kInf, kInf})});
  EXPECT_EQ(Values(d[0]), std::vector<float>({kInf, 0}));
  EXPECT_EQ(Values(d[1]), std::vector<float>({0, kInf}));
}

TEST(Where, GradientsHaveTheShapesOfTheOperands) {
  const Tensor condition = FromValues<int32_t>({2, 3}, {1, 0, 1, 1, 0, 0});
  const Tensor a = Leaf(FromValues({3}, {1, 2, 3}));
  const Tensor b = Leaf(FromValues({}, {0}));
  const std::vector<Tensor> d =
      Grad(Where(condition, a, b), {a, b}, {.seed = Ones({2, 3})});
  EXPECT_EQ(Values(d[0]), std::vector<float>({2, 0, 1}));
  EXPECT_EQ(d[1].item(), 3);
}

TEST(Where, RefusesWhatDoesNotFit) {
  const Tensor condition = Zeros({2}, DType::kI32);
  EXPECT_EQ(
      Thrown<ShapeError>([&] { Where(condition, Zeros({2}), Zeros({3})); }),
      "where: shapes do not broadcast: i32 [2], f32 [2], f32 [3]");
  EXPECT_EQ(
      Thrown<DTypeError>([] { Where(Zeros({2}), Zeros({2}), Zeros({2})); }),
      "where: operand 0 must be i32: f32 [2], f32 [2], f32 [2]");
  EXPECT_EQ(Thrown<DTypeError>(
                [&] { Where(condition, Zeros({2}), Zeros({2}, DType::kF64)); }),
            "where: dtypes differ: i32 [2], f32 [2], f64 [2]");
}

}  // namespace
}  // namespace adjoint
