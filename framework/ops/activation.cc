#include "framework/ops/activation.h"

#include <array>
#include <cmath>
#include <numbers>
#include <vector>

#include "absl/types/span.h"
#include "framework/core/op.h"
#include "framework/kernels/math.h"
#include "framework/kernels/normal_cdf.h"
#include "framework/ops/arithmetic.h"
#include "framework/ops/broadcast.h"
#include "framework/ops/elementwise.h"

namespace adjoint {
namespace {

// The gradient of a function is one pass over dy and x, hence an op of its own.
// A function has its formula, its slope and, in ops, the slope of that.

// dx = dy f'(x)
template <class Function>
struct ActivationGradOp {
  static constexpr auto kName = Function::kGradName, kDoc = Function::kGradDoc;
  static constexpr Save kSave = Save::kInputs;
  Shape Infer(const Shape& dy, const Shape& x) const {
    if (dy != x) throw ShapeError("dy and x differ in shape");
    return x;
  }
  template <class T>
  void Forward(const Tensor& dy, const Tensor& x, absl::Span<T> dx) const {
    kernels::Zip(dy.data<T>(), x.data<T>(), dx,
                 [](T u, T v) { return u * Function::Slope(v); });
  }
  std::array<Tensor, 2> Vjp(const Tensor& g, const Tensor&, const Tensor& dy,
                            const Tensor& x, std::array<bool, 2> needs) const {
    return {needs[0] ? Apply(ActivationGradOp{}, g, x) : Tensor(),
            needs[1] ? g * dy * Function::Curvature(x) : Tensor()};
  }
  static std::vector<Example<ActivationGradOp>> Examples() {
    return {
        {.inputs = {Real({3, 4}), Real({3, 4})}},
        {.inputs = {Real({}), Real({})}},
        {.inputs = {Real({0, 2}), Real({0, 2})}},
        {.inputs = {Real({512, 1024}), Real({512, 1024})}, .timed = true},
        {.inputs = {Real({2, 3}), Real({3})},
         .error = "dy and x differ in shape"},
    };
  }
};

// y = f(x)
template <class Function>
struct ActivationOp {
  static constexpr auto kName = Function::kName, kDoc = Function::kDoc;
  static constexpr Save kSave = Save::kInputs;
  Shape Infer(const Shape& x) const { return x; }
  template <class T>
  void Forward(const Tensor& x, absl::Span<T> y) const {
    kernels::Map(x.data<T>(), y, [](T v) { return Function::Of(v); });
  }
  Tensor Vjp(const Tensor& dy, const Tensor&, const Tensor& x) const {
    return Apply(ActivationGradOp<Function>{}, dy, x);
  }
  static std::vector<Example<ActivationOp>> Examples() {
    return ElementwiseExamples<ActivationOp>(Real);
  }
};

struct SoftplusFunction {
  static constexpr auto kName = "softplus", kDoc = "y = log(1 + e^x)";
  static constexpr auto kGradName = "softplus_grad",
                        kGradDoc = "dx = dy sigmoid(x)";
  template <class T>
  static T Of(T x) {
    return kernels::Softplus(x);
  }
  template <class T>
  static T Slope(T x) {
    return kernels::Sigmoid(x);
  }
  static Tensor Curvature(const Tensor& x) { return Sigmoid(x) * Sigmoid(-x); }
};

struct LogSigmoidFunction {
  static constexpr auto kName = "log_sigmoid", kDoc = "y = -log(1 + e^-x)";
  static constexpr auto kGradName = "log_sigmoid_grad",
                        kGradDoc = "dx = dy sigmoid(-x)";
  template <class T>
  static T Of(T x) {
    return -kernels::Softplus(-x);
  }
  template <class T>
  static T Slope(T x) {
    return kernels::Sigmoid(-x);
  }
  static Tensor Curvature(const Tensor& x) {
    return -(Sigmoid(x) * Sigmoid(-x));
  }
};

// Gelu and Silu are x F(x) with F the distribution function of a random number
// around 0. With its density f,
//
//   (x F)' = F + x f      and      (x F)'' = 2 f + x f'.
struct Normal {
  static constexpr auto kName = "gelu", kDoc = "y = x Phi(x)";
  static constexpr auto kGradName = "gelu_grad",
                        kGradDoc = "dx = dy (Phi(x) + x phi(x))";
  // f(0)
  static constexpr double kPeak =
      std::numbers::inv_sqrtpi / std::numbers::sqrt2;
  template <class T>
  static T F(T x) {
    return kernels::NormalCdf(x);
  }
  template <class T>
  static T Density(T x) {
    return T(kPeak) * kernels::ExpOfNonPositive(x * x * T(-0.5));
  }
  static Tensor Curvature(const Tensor& x) {
    const Tensor square = Square(x);
    return kPeak * Exp(-0.5 * square) * (2 - square);
  }
};

struct Logistic {
  static constexpr auto kName = "silu", kDoc = "y = x sigmoid(x)";
  static constexpr auto kGradName = "silu_grad",
                        kGradDoc = "dx = dy (s + x s (1 - s)), s = sigmoid(x)";
  template <class T>
  static T F(T x) {
    return kernels::Sigmoid(x);
  }
  template <class T>
  static T Density(T x) {
    const T e = kernels::ExpOfNonPositive(-std::abs(x));
    return e / ((1 + e) * (1 + e));
  }
  static Tensor Curvature(const Tensor& x) {
    const Tensor s = Sigmoid(x);
    return s * (1 - s) * (2 + x * (1 - 2 * s));
  }
};

template <class Distribution>
struct GateFunction : Distribution {
  template <class T>
  static T Of(T x) {
    const T gate = Distribution::F(x);
    return gate == 0 ? T(0) : x * gate;
  }
  template <class T>
  static T Slope(T x) {
    // The density falls faster than |x| grows, but inf 0 is NaN.
    const T density = Distribution::Density(x);
    return Distribution::F(x) + (density == 0 ? T(0) : x * density);
  }
};

// y = 1 where x > 0, else slope
struct LeakyReluSlopeOp {
  double slope = 0.01;
  static constexpr auto kName = "leaky_relu_slope",
                        kDoc = "y = x > 0 ? 1 : slope";
  static constexpr Save kSave = Save::kNothing;
  Shape Infer(const Shape& x) const { return x; }
  template <class T>
  void Forward(const Tensor& x, absl::Span<T> y) const {
    kernels::Map(x.data<T>(), y, [s = static_cast<T>(slope)](T v) {
      // Read whatever v is, so that the compiler need not branch.
      const T below = s;
      return v > 0 ? T(1) : below;
    });
  }
  static std::vector<Example<LeakyReluSlopeOp>> Examples() {
    return ElementwiseExamples<LeakyReluSlopeOp>(AwayFromZero);
  }
};

// y = x where x > 0, else slope x
struct LeakyReluOp {
  double slope = 0.01;
  static constexpr auto kName = "leaky_relu", kDoc = "y = x > 0 ? x : slope x";
  static constexpr Save kSave = Save::kInputs;
  Shape Infer(const Shape& x) const { return x; }
  template <class T>
  void Forward(const Tensor& x, absl::Span<T> y) const {
    kernels::Map(x.data<T>(), y, [s = static_cast<T>(slope)](T v) {
      // Two choices that the compiler can make without a branch.
      return (v > 0 ? v : T(0)) + s * (v > 0 ? T(0) : v);
    });
  }
  Tensor Vjp(const Tensor& dy, const Tensor&, const Tensor& x) const {
    return dy * Apply(LeakyReluSlopeOp{slope}, x);
  }
  static std::vector<Example<LeakyReluOp>> Examples() {
    return ElementwiseExamples<LeakyReluOp>(AwayFromZero, {.slope = 0.2});
  }
};

}  // namespace

Tensor Softplus(const Tensor& x) {
  return Apply(ActivationOp<SoftplusFunction>{}, x);
}
Tensor LogSigmoid(const Tensor& x) {
  return Apply(ActivationOp<LogSigmoidFunction>{}, x);
}
Tensor Gelu(const Tensor& x) {
  return Apply(ActivationOp<GateFunction<Normal>>{}, x);
}
Tensor Silu(const Tensor& x) {
  return Apply(ActivationOp<GateFunction<Logistic>>{}, x);
}
Tensor LeakyRelu(const Tensor& x, double slope) {
  return Apply(LeakyReluOp{slope}, x);
}

}  // namespace adjoint
