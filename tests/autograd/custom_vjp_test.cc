#include "framework/autograd/custom_vjp.h"

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

using Tensors = std::vector<Tensor>;
using Inputs = absl::Span<const Tensor>;

// x^2, with 5 x^2 for its derivative.
Tensor WrongSquare(const Tensor& x) {
  return CustomVjp([](Inputs xs) { return Square(xs[0]); },
                   [](const Tensor& dy, const Tensor& y, Inputs) {
                     return Tensors{5 * dy * y};
                   },
                   {x});
}

TEST(CustomVjp, UsesTheGivenRuleInPlaceOfTheTrueOne) {
  const Tensor x = Variable(3);
  const Tensor y = WrongSquare(x);
  EXPECT_EQ(y.item(), 9);
  EXPECT_EQ(Grad(2 * y, {x})[0].item(), 2 * 5 * 9);
}

TEST(CustomVjp, IsDifferentiableAgainThroughItsRule) {
  // The rule says dy/dx = 5 y and dy/dx = 5 y once more: 25 y.
  const Tensor x = Variable(3);
  const Tensor dx = Grad(WrongSquare(x), {x}, {.create_graph = true})[0];
  EXPECT_EQ(Grad(dx, {x})[0].item(), 25 * 9);
}

TEST(CustomVjp, ARuleInTermsOfTheInputsIsTheirFunction) {
  // The rule says 7 x, whose derivative is 7.
  const Tensor x = Variable(3);
  const Tensor y = CustomVjp([](Inputs xs) { return Exp(xs[0]); },
                             [](const Tensor& dy, const Tensor&, Inputs xs) {
                               return Tensors{7 * dy * xs[0]};
                             },
                             {x});
  const Tensor dx = Grad(y, {x}, {.create_graph = true})[0];
  EXPECT_EQ(dx.item(), 21);
  EXPECT_EQ(Grad(dx, {x})[0].item(), 7);
}

TEST(CustomVjp, TakesAnUndefinedCotangentForZero) {
  const Tensor a = Variable(3), b = Variable(4);
  const Tensor y = CustomVjp([](Inputs xs) { return xs[0] * xs[1]; },
                             [](const Tensor& dy, const Tensor&, Inputs xs) {
                               return Tensors{dy * xs[1], Tensor()};
                             },
                             {a, b});
  const Tensors d = Grad(y, {a, b});
  EXPECT_EQ(d[0].item(), 4);
  EXPECT_EQ(d[1].item(), 0);
}

TEST(CustomVjp, PassesTheGradientOfAnIdentityThroughTheRule) {
  const Tensor x = Leaf(FromValues<double>({2}, {1, 2}));
  const Tensor reversed = CustomVjp(
      [](Inputs xs) { return xs[0]; },
      [](const Tensor& dy, const Tensor&, Inputs) { return Tensors{-dy}; },
      {x});
  EXPECT_EQ(Values(reversed), Values(x));
  EXPECT_EQ(Values(Grad(Sum(Square(reversed)), {x})[0]),
            (std::vector<double>{-2, -4}));
}

TEST(CustomVjp, ThrowsIfTheRuleReturnsAWrongNumberOfCotangents) {
  const Tensor x = Variable(1), z = Variable(2);
  const Tensor y = CustomVjp(
      [](Inputs xs) { return xs[0] + xs[1]; },
      [](const Tensor& dy, const Tensor&, Inputs) { return Tensors{dy}; },
      {x, z});
  try {
    Grad(y, {x});
    FAIL() << "one cotangent for two inputs was taken";
  } catch (const ValueError& e) {
    EXPECT_EQ(
        std::string(e.what()),
        "in the rule of custom_vjp: it returned 1 cotangents for 2 inputs");
  }
}

// The text of the ShapeError that Grad throws where the rule of f32 [2,3] and
// [3] returns `dx` for the latter.
std::string ErrorOfReturning(const Tensor& dx) {
  const Tensor x = Leaf(Ones({2, 3})), b = Leaf(Ones({3}));
  const Tensor y = CustomVjp([](Inputs xs) { return xs[0] + xs[1]; },
                             [&](const Tensor& dy, const Tensor&, Inputs) {
                               return Tensors{dy, dx};
                             },
                             {x, b});
  try {
    EXPECT_EQ(Grad(Sum(y), {b})[0].shape(), Shape({3}));
  } catch (const ShapeError& e) {
    return e.what();
  }
  return "";
}

TEST(CustomVjp, ThrowsIfTheRuleReturnsWhatDoesNotFitItsInput) {
  EXPECT_EQ(ErrorOfReturning(Ones({3})), "");
  EXPECT_EQ(ErrorOfReturning(Ones({2, 3})), "");  // Is summed.
  const std::string begin = "in the rule of custom_vjp: it returned ";
  EXPECT_EQ(ErrorOfReturning(Ones({3}, DType::kF64)),
            begin + "f64 [3] for input 1, f32 [3]");
  EXPECT_EQ(ErrorOfReturning(Ones({7})),
            begin + "f32 [7] for input 1, f32 [3]");
  EXPECT_EQ(ErrorOfReturning(Ones({})), begin + "f32 [] for input 1, f32 [3]");
}

TEST(CustomVjp, OfConstantsOrUnrecordedIsAConstant) {
  EXPECT_FALSE(WrongSquare(Ones({})).node());
  NoGrad no_grad;
  EXPECT_FALSE(WrongSquare(Variable(3)).node());
}

}  // namespace
}  // namespace adjoint
