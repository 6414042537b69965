#include "framework/autograd/on_gradient.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "framework/autograd/grad.h"
#include "framework/base/error.h"
#include "framework/ops/arithmetic.h"
#include "framework/ops/elementwise.h"
#include "framework/ops/reduce.h"
#include "tests/autograd/values.h"

namespace adjoint {
namespace {

using Doubles = std::vector<double>;

TEST(StopGradient, LetsNoGradientThroughOfAnyOrder) {
  const Tensor x = Variable(3);
  const Tensor y = StopGradient(x) * x * x;  // As 3 x^2.
  EXPECT_EQ(y.item(), 27);
  const Tensor dx = Grad(y, {x}, {.create_graph = true})[0];
  EXPECT_EQ(dx.item(), 18);
  EXPECT_EQ(Grad(dx, {x})[0].item(), 6);
}

TEST(OnGradient, ReplacesTheGradientAndNotTheValue) {
  const Tensor x = Leaf(FromValues<double>({2}, {1, 2}));
  const Tensor y = OnGradient(x, [](const Tensor& dy) { return 10 * dy; });
  EXPECT_EQ(Values(y), Values(x));
  EXPECT_EQ(Values(Grad(Sum(Square(y)), {x})[0]), (Doubles{20, 40}));
}

TEST(OnGradient, IsCalledOnceWithTheSumOfWhatArrives) {
  const Tensor x = Variable(3);
  Doubles seen;
  const Tensor y = OnGradient(x, [&](const Tensor& dy) {
    seen.push_back(dy.item());
    return Tensor();
  });
  // An undefined result leaves the gradient as it is.
  EXPECT_EQ(Grad(y * y + 5 * y, {x})[0].item(), 11);
  EXPECT_EQ(seen, (Doubles{11}));
}

TEST(OnGradient, IsPassedAgainOnTheWayBackOfSecondDerivatives) {
  // The first derivative of the reversed x^3 is -3 x^2. Its own gradient comes
  // back through the hook once more: -(-6 x).
  const Tensor x = Variable(2);
  const Tensor r = OnGradient(x, [](const Tensor& dy) { return -dy; });
  const Tensor dx = Grad(r * r * r, {x}, {.create_graph = true})[0];
  EXPECT_EQ(dx.item(), -12);
  EXPECT_EQ(Grad(dx, {x})[0].item(), 12);
}

TEST(OnGradient, RecordsTheOpsOfTheHook) {
  // The hook makes dy^2 of dy; for y = w x that is w^2, whose derivative by w
  // is 2 w.
  const Tensor x = Variable(2), w = Variable(5);
  const Tensor y = w * OnGradient(x, [](const Tensor& dy) { return dy * dy; });
  const Tensor dx = Grad(y, {x}, {.create_graph = true})[0];
  EXPECT_EQ(dx.item(), 25);
  EXPECT_EQ(Grad(dx, {w})[0].item(), 10);
}

TEST(OnGradient, OfAConstantNeverCallsTheHook) {
  const Tensor y = OnGradient(Ones({}), [](const Tensor& dy) {
    ADD_FAILURE() << "called";
    return dy;
  });
  EXPECT_FALSE(y.node());
}

TEST(OnGradient, ThrowsForAGradientUnlikeTheOneItGot) {
  const Tensor x = Leaf(Ones({2}));
  const Tensor y = OnGradient(x, [](const Tensor& dy) { return Sum(dy); });
  try {
    Grad(Sum(y), {x});
    FAIL() << "a gradient of another shape was taken";
  } catch (const ShapeError& e) {
    EXPECT_EQ(std::string(e.what()),
              "on_gradient: the hook returned f32 [] for f32 [2]");
  }
}

}  // namespace
}  // namespace adjoint
