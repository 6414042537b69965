#include "framework/inspect/nan_tracer.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <utility>

#include "framework/autograd/grad.h"
#include "framework/nn/module.h"
#include "framework/nn/sequential.h"
#include "framework/ops/arithmetic.h"
#include "framework/ops/elementwise.h"
#include "framework/ops/reduce.h"
#include "framework/ops/shape.h"

namespace adjoint::inspect {
namespace {

class LogLayer final : public nn::Layer {
 public:
  std::string Kind() const override { return "Log"; }
  Tensor Forward(const Tensor& x, const nn::Pass&) const override {
    return Log(x);
  }
};

class SquareLayer final : public nn::Layer {
 public:
  std::string Kind() const override { return "Square"; }
  Tensor Forward(const Tensor& x, const nn::Pass&) const override {
    return Square(x);
  }
};

class SqrtLayer final : public nn::Layer {
 public:
  std::string Kind() const override { return "Sqrt"; }
  Tensor Forward(const Tensor& x, const nn::Pass&) const override {
    return Sqrt(x);
  }
};

TEST(NanTracer, TellsTheFirstOpWhoseOutputIsNotFinite) {
  nn::Sequential inner{SquareLayer(), LogLayer()};
  const nn::Sequential model{SquareLayer(), std::move(inner)};
  NanTracer tracer;
  {
    const ObserverScope observe(&tracer);
    // The logarithm is where it begins; what follows is infinite or NaN too.
    const Tensor y = model(FromValues({2, 3}, {1, 0, -1, 2, 0, -0.5}));
    Exp(y - y);
  }
  ASSERT_TRUE(tracer.first());
  const NonFinite& first = *tracer.first();
  EXPECT_EQ(first.op, "log");
  EXPECT_EQ(first.module, "1.1");
  EXPECT_FALSE(first.backward);
  EXPECT_EQ(first.output.shape, Shape({2, 3}));
  EXPECT_EQ(first.output.non_finite, 2);
  EXPECT_EQ(first.inputs.size(), 1u);
  EXPECT_EQ(first.ToString(),
            "log in 1.1, forward: 2 of 6 elements are not finite\n"
            "  x0  f32 [2,3]  from 0 to 16\n"
            "  y   f32 [2,3]  from -2.77259 to 2.77259, 2 not finite\n");
}

TEST(NanTracer, TellsOfBackward) {
  const Tensor x = Leaf(FromValues<double>({2}, {0, 4}));
  NanTracer tracer;
  const ObserverScope observe(&tracer);
  const Tensor y = Sum(Sqrt(x));
  EXPECT_FALSE(tracer.first());
  Grad(y, {x});
  ASSERT_TRUE(tracer.first());
  EXPECT_TRUE(tracer.first()->backward);
  EXPECT_EQ(tracer.first()->output.non_finite, 1);
  EXPECT_NE(tracer.first()->ToString().find(", backward: 1 of 2 elements"),
            std::string::npos)
      << tracer.first()->ToString();
}

TEST(NanTracer, TellsTheModuleOfBackward) {
  const Tensor x = Leaf(FromValues<double>({2}, {0, 4}));
  const nn::Sequential model{SquareLayer(), SqrtLayer(), SquareLayer()};
  NanTracer tracer;
  const ObserverScope observe(&tracer);
  Grad(Sum(model(x)), {x});
  ASSERT_TRUE(tracer.first());
  EXPECT_TRUE(tracer.first()->backward);
  EXPECT_EQ(tracer.first()->module, "1");
}

TEST(NanTracer, ShowsInputsThatWereNotFiniteFromTheStart) {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  NanTracer tracer;
  const ObserverScope observe(&tracer);
  Ones({2}) + FromValues({2}, {kNan, 7});
  Full({2}, kNan) * Ones({2});
  ASSERT_TRUE(tracer.first());
  EXPECT_EQ(tracer.first()->ToString(),
            "add, forward: 1 of 2 elements are not finite\n"
            "  x0  f32 [2]  from 1 to 1\n"
            "  x1  f32 [2]  from 7 to 7, 1 not finite\n"
            "  y   f32 [2]  from 8 to 8, 1 not finite\n");
}

TEST(NanTracer, FindsNothingInFiniteValuesAndIntegers) {
  NanTracer tracer;
  const ObserverScope observe(&tracer);
  Full({3}, std::numeric_limits<float>::max()) * Ones({3});
  Reshape(FromValues<int32_t>({2}, {-1, 1}), {2, 1});
  Ones({0}) + Ones({0});
  EXPECT_FALSE(tracer.first());
}

TEST(NanTracer, RangesAreOfTheFiniteElements) {
  constexpr double kInf = std::numeric_limits<double>::infinity();
  const Range r = RangeOf(FromValues<double>({4}, {-kInf, 2, -3, kInf}));
  EXPECT_EQ(r.min, -3);
  EXPECT_EQ(r.max, 2);
  EXPECT_EQ(r.non_finite, 2);
  const Range none = RangeOf(Full({2}, kInf));
  EXPECT_GT(none.min, none.max);
  EXPECT_EQ(RangeOf(FromValues<int32_t>({2}, {-5, 9})).min, -5);
}

}  // namespace
}  // namespace adjoint::inspect
