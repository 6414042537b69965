#include "framework/autograd/grad.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "framework/base/error.h"
#include "framework/core/op.h"
#include "framework/ops/arithmetic.h"
#include "framework/ops/elementwise.h"
#include "framework/ops/matmul.h"
#include "framework/ops/reduce.h"
#include "tests/autograd/values.h"

namespace adjoint {
namespace {

using Doubles = std::vector<double>;

TEST(Grad, OfASumOfSquaresIsTwiceX) {
  const Tensor x = Leaf(FromValues<double>({3}, {1, -2, 3}));
  EXPECT_EQ(Values(Grad(Sum(x * x), {x})[0]), (Doubles{2, -4, 6}));
}

TEST(Grad, OfAnIntermediateIsThatOfTheRestAlone) {
  const Tensor x = Variable(2);
  const Tensor a = x * x;
  const Tensor y = Exp(a) * x;
  const std::vector<Tensor> d = Grad(y, {a, x, y});
  EXPECT_DOUBLE_EQ(d[0].item(), std::exp(4.0) * 2);
  // Both ways: through a, where da/dx = 4, and directly.
  EXPECT_DOUBLE_EQ(d[1].item(), std::exp(4.0) * 2 * 4 + std::exp(4.0));
  EXPECT_EQ(d[2].item(), 1);
}

TEST(Grad, AnswersEachMentionOfTheSameX) {
  const Tensor x = Variable(3);
  const Tensor z = Variable(5);
  const std::vector<Tensor> d = Grad(x * x * z, {x, z, x});
  EXPECT_EQ(d[0].item(), 30);
  EXPECT_EQ(d[1].item(), 9);
  EXPECT_EQ(d[2].item(), 30);
}

TEST(Grad, OfWhatYDoesNotDependOnIsZeros) {
  const Tensor x = Leaf(Ones({2, 3}));
  const Tensor z = Leaf(Ones({}));
  for (const Tensor& y : {z * z, Ones({})}) {
    const Tensor dx = Grad(y, {x})[0];
    EXPECT_EQ(dx.shape(), Shape({2, 3}));
    EXPECT_EQ(dx.dtype(), DType::kF32);
    for (float element : dx.data<float>()) EXPECT_EQ(element, 0);
  }
  EXPECT_TRUE(Grad(z * z, {}).empty());
}

TEST(Grad, WeighsTheOutputsByTheSeed) {
  const Tensor x = Leaf(FromValues<double>({3}, {1, 2, 3}));
  const Tensor seed = FromValues<double>({3}, {1, 10, 100});
  EXPECT_EQ(Values(Grad(Square(x), {x}, {.seed = seed})[0]),
            (Doubles{2, 40, 600}));
}

TEST(Grad, SumsOverTheAxesThatWereBroadcast) {
  const Tensor column = Leaf(FromValues<double>({2, 1}, {1, 2}));
  const Tensor row = Leaf(FromValues<double>({3}, {3, 4, 5}));
  const std::vector<Tensor> d = Grad(Sum(column * row), {column, row});
  EXPECT_EQ(d[0].shape(), Shape({2, 1}));
  EXPECT_EQ(Values(d[0]), (Doubles{12, 12}));
  EXPECT_EQ(d[1].shape(), Shape({3}));
  EXPECT_EQ(Values(d[1]), (Doubles{3, 3, 3}));
}

TEST(Grad, SumsOverTheArmsOfADiamond) {
  const Tensor x = Variable(0.5);
  const Tensor b = Exp(x);
  const Tensor c = Square(x);
  // (e^x x^2 + e^x)' = e^x (x^2 + 2x + 1)
  EXPECT_DOUBLE_EQ(Grad(b * c + b, {x})[0].item(), std::exp(0.5) * 2.25);
}

TEST(Grad, VisitsANodeOnceHoweverManyPathsLeadToIt) {
  const Tensor x = Variable(1);
  Tensor y = x;
  for (int i = 0; i < 60; ++i) y = y + y;  // 2^60 paths.
  EXPECT_EQ(Grad(y, {x})[0].item(), std::ldexp(1.0, 60));
}

TEST(Grad, OfHigherOrdersMatchesClosedForms) {
  struct Case {
    std::string name;
    std::function<Tensor(const Tensor&)> f;
    std::function<Doubles(double)> derivatives;  // The first to the fourth.
  };
  const std::vector<Case> cases = {
      {"x^3", [](const Tensor& x) { return x * x * x; },
       [](double x) {
         return Doubles{3 * x * x, 6 * x, 6, 0};
       }},
      {"exp", [](const Tensor& x) { return Exp(x); },
       [](double x) { return Doubles(4, std::exp(x)); }},
      {"log", [](const Tensor& x) { return Log(x); },
       [](double x) {
         return Doubles{1 / x, -1 / (x * x), 2 / (x * x * x),
                        -6 / (x * x * x * x)};
       }},
      {"tanh", [](const Tensor& x) { return Tanh(x); },
       [](double x) {
         const double t = std::tanh(x), s = 1 - t * t;
         return Doubles{s, -2 * t * s, s * (6 * t * t - 2),
                        8 * t * s * (2 - 3 * t * t)};
       }},
  };
  for (const Case& c : cases) {
    for (double at : {0.3, 0.7, 1.9}) {
      const Tensor x = Variable(at);
      Tensor d = c.f(x);
      const Doubles expected = c.derivatives(at);
      for (size_t order = 1; order <= 4; ++order) {
        d = Grad(d, {x}, {.create_graph = true})[0];
        EXPECT_NEAR(d.item(), expected[order - 1],
                    1e-13 * (1 + std::abs(expected[order - 1])))
            << c.name << " at " << at << ", order " << order;
      }
    }
  }
}

TEST(Grad, IsAConstantWithoutCreateGraph) {
  const Tensor x = Variable(3);
  EXPECT_FALSE(Grad(x * x * x, {x})[0].node());
  EXPECT_TRUE(Grad(x * x * x, {x}, {.create_graph = true})[0].node());
  EXPECT_TRUE(IsRecording());
}

TEST(Grad, OfAGradientPenaltyMatchesItsClosedForm) {
  // f = e^(wx) and the penalty is (df/dx)^2 = w^2 e^(2wx), whose derivative by
  // w is 2w e^(2wx) (1 + wx).
  const double w0 = 0.8, x0 = -0.6;
  const Tensor w = Variable(w0), x = Variable(x0);
  const Tensor penalty =
      Square(Grad(Exp(w * x), {x}, {.create_graph = true})[0]);
  EXPECT_DOUBLE_EQ(Grad(penalty, {w})[0].item(),
                   2 * w0 * std::exp(2 * w0 * x0) * (1 + w0 * x0));
}

TEST(Grad, AppliedTwiceIsForwardMode) {
  // For f(x) = tanh(A x) and a direction u, J u = (1 - f^2) * (A u). The
  // gradient J'v is linear in v: its own gradient by v is J.
  const Tensor a = FromValues<double>({2, 3}, {1, -2, 0.5, 0.25, 3, -1});
  const Tensor x = Leaf(FromValues<double>({3, 1}, {0.3, -0.1, 0.2}));
  const Tensor u = FromValues<double>({3, 1}, {2, -1, 0.5});
  const Tensor y = Tanh(MatMul(a, x));
  const Tensor v = Leaf(Zeros({2, 1}, DType::kF64));
  const Tensor vjp = Grad(y, {x}, {.create_graph = true, .seed = v})[0];
  const Doubles jvp = Values(Grad(vjp, {v}, {.seed = u})[0]);

  const Doubles ax = {0.3 + 0.2 + 0.1, 0.075 - 0.3 - 0.2};
  const Doubles au = {2 + 2 + 0.25, 0.5 - 3 - 0.5};
  ASSERT_EQ(jvp.size(), 2u);
  for (int i = 0; i < 2; ++i) {
    EXPECT_NEAR(jvp[i], (1 - std::pow(std::tanh(ax[i]), 2)) * au[i], 1e-14);
  }
}

TEST(Grad, FindsNothingRecordedUnderNoGrad) {
  const Tensor x = Variable(3);
  Tensor y;
  {
    NoGrad no_grad;
    y = x * x;
  }
  EXPECT_EQ(y.item(), 9);
  EXPECT_FALSE(y.node());
  EXPECT_EQ(Grad(y, {x})[0].item(), 0);
  EXPECT_EQ(Grad(x * x, {x})[0].item(), 6);
}

// y = 2x, whose rule reads the input without having declared it.
struct ReadsGhostOp {
  static constexpr auto kName = "test_reads_ghost", kDoc = "y = 2 x";
  static constexpr Save kSave = Save::kNothing;
  Shape Infer(const Shape& x) const { return x; }
  template <class T>
  void Forward(const Tensor& x, absl::Span<T> y) const {
    for (size_t i = 0; i < y.size(); ++i) y[i] = 2 * x.data<T>()[i];
  }
  Tensor Vjp(const Tensor& dy, const Tensor&, const Tensor& x) const {
    return dy * x;
  }
  static std::vector<Example<ReadsGhostOp>> Examples() { return {}; }
};

// The text of the error that Grad throws; "" if it throws none of this class.
template <class ErrorT>
std::string ErrorOf(const Tensor& y, const std::vector<Tensor>& xs,
                    const GradOptions& options = {}) {
  try {
    Grad(y, xs, options);
  } catch (const ErrorT& e) {
    return e.what();
  }
  return "";
}

TEST(Grad, ThrowsWhenARuleReadsWhatWasNotSaved) {
  const Tensor x = Variable(1);
  const std::string error = ErrorOf<ValueError>(Apply(ReadsGhostOp{}, x), {x});
  EXPECT_EQ(
      error,
      "in the rule of test_reads_ghost: mul: operand 1 is a ghost: it was "
      "not saved: f64 [], f64 []");
}

TEST(Grad, ThrowsForAConstantX) {
  const Tensor x = Variable(1);
  EXPECT_EQ(ErrorOf<ValueError>(x * x, {x, Ones({2})}),
            "grad: x 1 (f32 [2]) is a constant; make it a Leaf");
}

TEST(Grad, ThrowsForAYWithoutAValueOfItsOwn) {
  const Tensor x = Leaf(Ones({2}));
  EXPECT_EQ(ErrorOf<ValueError>(Tensor(), {x}), "grad: y is undefined");
  EXPECT_EQ(ErrorOf<DTypeError>(FromValues<int32_t>({}, {1}), {x}),
            "grad: y must be f32 or f64: i32 []");
  EXPECT_EQ(ErrorOf<ShapeError>(x * x, {x}),
            "grad: y has more than one element and there is no seed: f32 [2]");
}

TEST(Grad, ThrowsForASeedUnlikeY) {
  const Tensor x = Leaf(Ones({2}));
  EXPECT_EQ(ErrorOf<ShapeError>(x * x, {x}, {.seed = Ones({2, 1})}),
            "grad: the seed is not like y: y f32 [2], seed f32 [2,1]");
  EXPECT_EQ(ErrorOf<ShapeError>(x * x, {x}, {.seed = Ones({2}, DType::kF64)}),
            "grad: the seed is not like y: y f32 [2], seed f64 [2]");
}

TEST(Grad, RecordsAgainAfterARuleThrew) {
  const Tensor x = Variable(3);
  EXPECT_THROW(Grad(Apply(ReadsGhostOp{}, x), {x}), ValueError);
  EXPECT_FALSE(InBackward());
  EXPECT_EQ(Grad(x * x, {x})[0].item(), 6);
}

}  // namespace
}  // namespace adjoint
