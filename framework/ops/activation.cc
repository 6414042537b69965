#include "framework/ops/activation.h"

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

// y = log(1 + e^x)
struct SoftplusOp {
  static constexpr auto kName = "softplus", kDoc = "y = log(1 + e^x)";
  static constexpr Save kSave = Save::kInputs;
  Shape Infer(const Shape& x) const { return x; }
  template <class T>
  void Forward(const Tensor& x, absl::Span<T> y) const {
    kernels::Map(x.data<T>(), y, [](T v) { return kernels::Softplus(v); });
  }
  Tensor Vjp(const Tensor& dy, const Tensor&, const Tensor& x) const {
    return dy * Sigmoid(x);
  }
  static std::vector<Example<SoftplusOp>> Examples() {
    return ElementwiseExamples<SoftplusOp>(Real);
  }
};

// y = -log(1 + e^-x)
struct LogSigmoidOp {
  static constexpr auto kName = "log_sigmoid", kDoc = "y = -log(1 + e^-x)";
  static constexpr Save kSave = Save::kInputs;
  Shape Infer(const Shape& x) const { return x; }
  template <class T>
  void Forward(const Tensor& x, absl::Span<T> y) const {
    kernels::Map(x.data<T>(), y, [](T v) { return -kernels::Softplus(-v); });
  }
  Tensor Vjp(const Tensor& dy, const Tensor&, const Tensor& x) const {
    return dy * Sigmoid(-x);
  }
  static std::vector<Example<LogSigmoidOp>> Examples() {
    return ElementwiseExamples<LogSigmoidOp>(Real);
  }
};

// Gelu and Silu are x F(x) with F the distribution function of a random number
// around 0. With its density f,
//
//   (x F)' = F + x f      and      (x F)'' = 2 f + x f'.
//
// Each such function is an op, and so is its slope.
struct Normal {
  static constexpr auto kName = "gelu", kDoc = "y = x Phi(x)";
  static constexpr auto kSlopeName = "gelu_slope",
                        kSlopeDoc = "y = Phi(x) + x phi(x)";
  // f(0)
  static constexpr double kPeak =
      std::numbers::inv_sqrtpi / std::numbers::sqrt2;
  template <class T>
  static T F(T x) {
    return kernels::NormalCdf(x);
  }
  template <class T>
  static T Density(T x) {
    return T(kPeak) * kernels::Exp(x * x * T(-0.5));
  }
  static Tensor Curvature(const Tensor& x) {
    const Tensor square = Square(x);
    return kPeak * Exp(-0.5 * square) * (2 - square);
  }
};

struct Logistic {
  static constexpr auto kName = "silu", kDoc = "y = x sigmoid(x)";
  static constexpr auto kSlopeName = "silu_slope",
                        kSlopeDoc = "y = s + x s (1 - s), s = sigmoid(x)";
  template <class T>
  static T F(T x) {
    return kernels::Sigmoid(x);
  }
  template <class T>
  static T Density(T x) {
    const T e = kernels::Exp(-std::abs(x));
    return e / ((1 + e) * (1 + e));
  }
  static Tensor Curvature(const Tensor& x) {
    const Tensor s = Sigmoid(x);
    return s * (1 - s) * (2 + x * (1 - 2 * s));
  }
};

// y = F(x) + x f(x)
template <class Distribution>
struct GateSlopeOp {
  static constexpr auto kName = Distribution::kSlopeName,
                        kDoc = Distribution::kSlopeDoc;
  static constexpr Save kSave = Save::kInputs;
  Shape Infer(const Shape& x) const { return x; }
  template <class T>
  void Forward(const Tensor& x, absl::Span<T> y) const {
    kernels::Map(x.data<T>(), y, [](T v) {
      // The density falls faster than |x| grows, but inf 0 is NaN.
      const T density = Distribution::Density(v);
      return Distribution::F(v) + (density == 0 ? T(0) : v * density);
    });
  }
  Tensor Vjp(const Tensor& dy, const Tensor&, const Tensor& x) const {
    return dy * Distribution::Curvature(x);
  }
  static std::vector<Example<GateSlopeOp>> Examples() {
    return ElementwiseExamples<GateSlopeOp>(Real);
  }
};

// y = x F(x)
template <class Distribution>
struct GateOp {
  static constexpr auto kName = Distribution::kName, kDoc = Distribution::kDoc;
  static constexpr Save kSave = Save::kInputs;
  Shape Infer(const Shape& x) const { return x; }
  template <class T>
  void Forward(const Tensor& x, absl::Span<T> y) const {
    kernels::Map(x.data<T>(), y, [](T v) {
      const T gate = Distribution::F(v);
      return gate == 0 ? T(0) : v * gate;
    });
  }
  Tensor Vjp(const Tensor& dy, const Tensor&, const Tensor& x) const {
    return dy * Apply(GateSlopeOp<Distribution>{}, x);
  }
  static std::vector<Example<GateOp>> Examples() {
    return ElementwiseExamples<GateOp>(Real);
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

Tensor Softplus(const Tensor& x) { return Apply(SoftplusOp{}, x); }
Tensor LogSigmoid(const Tensor& x) { return Apply(LogSigmoidOp{}, x); }
Tensor Gelu(const Tensor& x) { return Apply(GateOp<Normal>{}, x); }
Tensor Silu(const Tensor& x) { return Apply(GateOp<Logistic>{}, x); }
Tensor LeakyRelu(const Tensor& x, double slope) {
  return Apply(LeakyReluOp{slope}, x);
}

}  // namespace adjoint
