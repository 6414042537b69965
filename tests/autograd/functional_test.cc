#include "framework/autograd/functional.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "framework/base/error.h"
#include "framework/ops/arithmetic.h"
#include "framework/ops/elementwise.h"
#include "framework/ops/matmul.h"
#include "framework/ops/reduce.h"
#include "framework/ops/shape.h"
#include "tests/autograd/values.h"

namespace adjoint {
namespace {

using Doubles = std::vector<double>;
using Inputs = absl::Span<const Tensor>;

Tensor Vector(std::initializer_list<double> values) {
  return FromValues<double>({static_cast<int64_t>(values.size())}, values);
}

Tensor SumOfCubes(const Tensor& x) { return Sum(x * x * x); }

// (1 - a)^2 + 100 (b - a^2)^2 for x = [a, b].
Tensor Rosenbrock(const Tensor& x) {
  const Tensor a = Slice(x, 0, 0, 1), b = Slice(x, 0, 1, 2);
  return Sum(Square(1 - a) + 100 * Square(b - Square(a)));
}

TEST(Functional, GradIsTheGradientAtX) {
  EXPECT_EQ(Values(Grad(SumOfCubes, Vector({1, -2}))), (Doubles{3, 12}));
  const std::vector<Tensor> d =
      Grad([](Inputs xs) { return Sum(xs[0] * xs[1]); },
           {Vector({1, 2}), Vector({3, 4})});
  EXPECT_EQ(Values(d[0]), (Doubles{3, 4}));
  EXPECT_EQ(Values(d[1]), (Doubles{1, 2}));
}

TEST(Functional, VjpAndJvpAreTheProductsWithTheJacobian) {
  // y = tanh(A x), J = diag(1 - y^2) A.
  const Tensor a = FromValues<double>({2, 3}, {1, -2, 0.5, 0.25, 3, -1});
  const auto f = [&](const Tensor& x) { return Tanh(MatMul(a, x)); };
  const Tensor x = FromValues<double>({3, 1}, {0.3, -0.1, 0.2});
  const double slope0 = 1 - std::pow(std::tanh(0.6), 2);
  const double slope1 = 1 - std::pow(std::tanh(-0.425), 2);

  const auto [y, dy] = Jvp(f, x, FromValues<double>({3, 1}, {2, -1, 0.5}));
  EXPECT_NEAR(Values(y)[0], std::tanh(0.6), 1e-15);
  EXPECT_EQ(dy.shape(), Shape({2, 1}));
  EXPECT_NEAR(Values(dy)[0], slope0 * 4.25, 1e-14);
  EXPECT_NEAR(Values(dy)[1], slope1 * -3, 1e-14);

  const Doubles dx = Values(Vjp(f, x, FromValues<double>({2, 1}, {2, -1})));
  EXPECT_NEAR(dx[0], 2 * slope0 * 1 - slope1 * 0.25, 1e-14);
  EXPECT_NEAR(dx[1], 2 * slope0 * -2 - slope1 * 3, 1e-14);
  EXPECT_NEAR(dx[2], 2 * slope0 * 0.5 - slope1 * -1, 1e-14);
}

TEST(Functional, JvpAddsUpOverItsInputs) {
  // d(a^2 b) = 2 a b da + a^2 db, with a broadcast.
  const JvpResult r = Jvp([](Inputs xs) { return Square(xs[0]) * xs[1]; },
                          {FromValues<double>({}, {3}), Vector({5, 7})},
                          {FromValues<double>({}, {0.5}), Vector({1, -1})});
  EXPECT_EQ(Values(r.y), (Doubles{45, 63}));
  EXPECT_EQ(Values(r.dy), (Doubles{15 + 9, 21 - 9}));
}

TEST(Functional, JvpOfWhatDoesNotDependOnXIsZero) {
  const Tensor y = Vector({1, 2});
  const JvpResult r =
      Jvp([&](const Tensor&) { return y; }, Vector({3}), Vector({1}));
  EXPECT_EQ(Values(r.dy), (Doubles{0, 0}));
}

TEST(Functional, HvpIsTheProductWithTheHessian) {
  EXPECT_EQ(Values(Hvp(SumOfCubes, Vector({1, -2}), Vector({5, 7}))),
            (Doubles{30, -84}));
  // For sum a^2 b the Hessian is [[2b, 2a], [2a, 0]].
  const std::vector<Tensor> hv =
      Hvp([](Inputs xs) { return Sum(Square(xs[0]) * xs[1]); },
          {Vector({3}), Vector({5})}, {Vector({7}), Vector({11})});
  EXPECT_EQ(Values(hv[0]), (Doubles{2 * 5 * 7 + 2 * 3 * 11}));
  EXPECT_EQ(Values(hv[1]), (Doubles{2 * 3 * 7}));
}

TEST(Functional, JacobianHasTheAxesOfYAndThenThoseOfX) {
  const Tensor x = FromValues<double>({2, 3}, {1, 2, 3, 4, 5, 6});
  // y[i] = sum_j x[i,j]^2, so J[i,k,j] is 2 x[i,j] where k = i.
  const Tensor j =
      Jacobian([](const Tensor& x) { return Sum(Square(x), {1}); }, x);
  EXPECT_EQ(j.shape(), Shape({2, 2, 3}));
  EXPECT_EQ(Values(j), (Doubles{2, 4, 6, 0, 0, 0, 0, 0, 0, 8, 10, 12}));

  const Tensor of_scalar = Jacobian(SumOfCubes, x);
  EXPECT_EQ(of_scalar.shape(), x.shape());
  EXPECT_EQ(Values(of_scalar), (Doubles{3, 12, 27, 48, 75, 108}));
}

TEST(Functional, JacobianOfOrByNothingIsEmpty) {
  const auto none = [](const Tensor& x) { return Slice(x, 0, 0, 0); };
  EXPECT_EQ(Jacobian(none, Vector({1, 2})).shape(), Shape({0, 2}));
  const auto two = [](const Tensor& x) { return Sum(x) * Vector({1, 2}); };
  EXPECT_EQ(Jacobian(two, Vector({})).shape(), Shape({2, 0}));
}

TEST(Functional, HessianOfRosenbrocksFunctionMatchesItsClosedForm) {
  const double a = -1.2, b = 0.7;
  const Doubles h = Values(Hessian(Rosenbrock, Vector({a, b})));
  EXPECT_NEAR(h[0], 1200 * a * a - 400 * b + 2, 1e-11);
  EXPECT_NEAR(h[1], -400 * a, 1e-11);
  EXPECT_NEAR(h[2], -400 * a, 1e-11);
  EXPECT_NEAR(h[3], 200, 1e-11);
}

TEST(Functional, HessianIsTheJacobianOfAGradOfTensors) {
  const auto gradient = [](const Tensor& x) {
    return Grad(Rosenbrock(x), {x}, {.create_graph = true})[0];
  };
  const Tensor x = Vector({0.4, -0.3});
  EXPECT_EQ(Values(Jacobian(gradient, x)), Values(Hessian(Rosenbrock, x)));
}

TEST(Functional, Nests) {
  const auto f = [](const Tensor& x) { return Sum(Square(Square(x))); };
  const Tensor x = Vector({1, 2}), v = Vector({3, 5});
  // H = diag(12 x^2), and the derivative of H v is diag(24 x v).
  EXPECT_EQ(Values(Jacobian([&](const Tensor& x) { return Hvp(f, x, v); }, x)),
            (Doubles{72, 0, 0, 240}));
  // The trace of H by Jvp of Grad, a column at a time; its gradient is 24 x.
  const auto trace = [&](const Tensor& x) {
    const auto gradient = [&](const Tensor& x) { return Grad(f, x); };
    const Tensor e0 = Vector({1, 0}), e1 = Vector({0, 1});
    return Sum(Jvp(gradient, x, e0).dy * e0 + Jvp(gradient, x, e1).dy * e1);
  };
  EXPECT_EQ(trace(x).item(), 12 + 48);
  EXPECT_EQ(Values(Grad(trace, x)), (Doubles{24, 48}));
  // The Hessian of a Hessian: f'''' = 24.
  const Tensor h4 = Hessian([&](const Tensor& x) { return Sum(Hessian(f, x)); },
                            Vector({1, 2}));
  EXPECT_EQ(Values(h4), (Doubles{24, 0, 0, 24}));
}

TEST(Functional, ResultsCanBeDifferentiatedByXByVAndByWhatFCaptured) {
  const Tensor w = Variable(3), x = Variable(2), v = Variable(5);
  const auto f = [&](const Tensor& x) { return w * x * x * x; };
  // J v = 3 w x^2 v
  const JvpResult r = Jvp(f, x, v);
  std::vector<Tensor> d = Grad(r.dy, {w, x, v});
  EXPECT_EQ(d[0].item(), 3 * 4 * 5);
  EXPECT_EQ(d[1].item(), 6 * 3 * 2 * 5);
  EXPECT_EQ(d[2].item(), 3 * 3 * 4);
  EXPECT_EQ(Grad(r.y, {w})[0].item(), 8);
  // H v = 6 w x v
  d = Grad(Hvp(f, x, v), {w, x, v});
  EXPECT_EQ(d[0].item(), 6 * 2 * 5);
  EXPECT_EQ(d[1].item(), 6 * 3 * 5);
  EXPECT_EQ(d[2].item(), 6 * 3 * 2);
  EXPECT_EQ(Grad(Hessian(f, x), {w})[0].item(), 12);
  EXPECT_EQ(Grad(Vjp(f, x, v), {v})[0].item(), 36);
}

TEST(Functional, WhatFCapturedIsAConstantToTheCallEvenXItself) {
  // d/dx [ d/dz (x z^2) at z = x ] = d/dx (2 x^2) = 4 x. Were the captured x
  // taken for the variable too, it would be d/dx (3 x^2) = 6 x.
  const Tensor x = Variable(3);
  const auto inner = [](const Tensor& x) {
    return Grad([&](const Tensor& z) { return x * z * z; }, x);
  };
  EXPECT_EQ(inner(x).item(), 18);
  EXPECT_EQ(Grad(inner, x).item(), 12);
  EXPECT_EQ(Grad(inner(x), {x})[0].item(), 12);
  EXPECT_EQ(Hessian([&](const Tensor& z) { return x * z; }, x).item(), 0);
}

TEST(Functional, UnderNoGradResultsAreConstantsOfTheSameValues) {
  const Tensor x = Leaf(Vector({0.4, -0.3})), v = Leaf(Vector({1, 2}));
  const std::vector<Tensor> recorded = {
      Grad(Rosenbrock, x), Jvp(Rosenbrock, x, v).y, Jvp(Rosenbrock, x, v).dy,
      Hvp(Rosenbrock, x, v), Hessian(Rosenbrock, x)};
  const NoGrad no_grad;
  const std::vector<Tensor> constant = {
      Grad(Rosenbrock, x), Jvp(Rosenbrock, x, v).y, Jvp(Rosenbrock, x, v).dy,
      Hvp(Rosenbrock, x, v), Hessian(Rosenbrock, x)};
  for (size_t i = 0; i < constant.size(); ++i) {
    EXPECT_TRUE(recorded[i].node()) << i;
    EXPECT_FALSE(constant[i].node()) << i;
    EXPECT_EQ(Values(constant[i]), Values(recorded[i])) << i;
  }
}

TEST(Functional, CallsTheFunctionOnce) {
  int calls = 0;
  const auto f = [&](const Tensor& x) {
    ++calls;
    return SumOfCubes(x);
  };
  const Tensor x = Vector({1, 2, 3});
  Grad(f, x);
  Jvp(f, x, x);
  Hvp(f, x, x);
  Jacobian(f, x);
  Hessian(f, x);
  EXPECT_EQ(calls, 5);
}

// The text of the ErrorT that `call` throws.
template <class ErrorT, class Call>
std::string ErrorOf(Call call) {
  try {
    call();
  } catch (const ErrorT& e) {
    return e.what();
  }
  return "";
}

TEST(Functional, ThrowsForMisuse) {
  const Tensor x = Vector({1, 2});
  EXPECT_EQ(ErrorOf<ShapeError>([&] { Jvp(SumOfCubes, x, Vector({1})); }),
            "jvp: v 0 is not like x: x f64 [2], v f64 [1]");
  EXPECT_EQ(ErrorOf<ShapeError>([&] { Hvp(SumOfCubes, x, Ones({2})); }),
            "hvp: v 0 is not like x: x f64 [2], v f32 [2]");
  EXPECT_EQ(ErrorOf<ShapeError>(
                [&] { Hvp([](Inputs xs) { return Sum(xs[0]); }, {x}, {}); }),
            "hvp: 1 xs, but 0 vs");
  const auto square = [](const Tensor& x) { return Square(x); };
  EXPECT_EQ(ErrorOf<ShapeError>([&] { Hessian(square, x); }),
            "hessian: f must return one element: f64 [2]");
  EXPECT_EQ(ErrorOf<ShapeError>([&] { Grad(square, x); }),
            "grad: f must return one element: f64 [2]");
  EXPECT_EQ(ErrorOf<ShapeError>([&] { Hvp(square, x, x); }),
            "hvp: f must return one element: f64 [2]");
  EXPECT_EQ(
      ErrorOf<DTypeError>([&] { Grad(square, FromValues<int32_t>({}, {1})); }),
      "leaf: no gradient flows to integers: i32 []");
}

}  // namespace
}  // namespace adjoint
