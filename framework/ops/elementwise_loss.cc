#include "framework/ops/elementwise_loss.h"

#include <array>
#include <cmath>
#include <vector>

#include "absl/types/span.h"
#include "framework/core/op.h"
#include "framework/kernels/elementwise.h"
#include "framework/kernels/math.h"
#include "framework/ops/arithmetic.h"
#include "framework/ops/elementwise.h"
#include "framework/ops/math.h"
#include "framework/ops/reduce.h"
#include "framework/ops/select.h"

namespace adjoint {
namespace {

Shape CommonShape(const Shape& a, const Shape& b) {
  if (a != b) throw ShapeError("shapes differ");
  return a;
}

// Examples with equal shapes, the operands drawn by `a` and `b`.
template <class OpT>
std::vector<Example<OpT>> LossExamples(Operand (*a)(const Shape&),
                                       Operand (*b)(const Shape&)) {
  return {
      {.inputs = {a({3, 4}), b({3, 4})}},
      {.inputs = {a({}), b({})}},
      {.inputs = {a({2, 1, 4}), b({2, 1, 4})}},
      {.inputs = {a({0, 2}), b({0, 2})}},
      {.inputs = {a({512, 1024}), b({512, 1024})}, .timed = true},
      {.inputs = {a({4, 1}), b({4})}, .error = "shapes differ"},
  };
}

// The gradient of a loss is one pass over dy and what it compares, hence an op.
// The loss has its slope by u, for one element, and the rule of that.

// dx = dy slope(u, v)
template <class LossOp>
struct LossGradOp {
  LossOp loss;
  static constexpr auto kName = LossOp::kGradName, kDoc = LossOp::kGradDoc;
  static constexpr Save kSave = Save::kInputs;
  Shape Infer(const Shape& dy, const Shape& u, const Shape& v) const {
    return CommonShape(dy, CommonShape(u, v));
  }
  template <class T>
  void Forward(const Tensor& dy, const Tensor& u, const Tensor& v,
               absl::Span<T> dx) const {
    kernels::Zip(dy.data<T>(), u.data<T>(), v.data<T>(), dx,
                 [slope = loss.template Slope<T>()](T g, T p, T t) {
                   return g * slope(p, t);
                 });
  }
  std::array<Tensor, 3> Vjp(const Tensor& g, const Tensor&, const Tensor& dy,
                            const Tensor& u, const Tensor& v,
                            std::array<bool, 3> needs) const {
    std::array<Tensor, 2> d;
    if (needs[1] || needs[2]) d = loss.SlopeVjp(g * dy, u, v);
    return {needs[0] ? Apply(*this, g, u, v) : Tensor(), d[0], d[1]};
  }
  static std::vector<Example<LossGradOp>> Examples() {
    std::vector<Example<LossGradOp>> all;
    for (const Example<LossOp>& of : LossOp::Examples()) {
      if (!of.error.empty()) continue;
      const Operand &u = of.inputs[0], &v = of.inputs[1];
      all.push_back(
          {.op = {of.op}, .inputs = {Real(u.shape), u, v}, .timed = of.timed});
    }
    all.push_back(
        {.inputs = {Real({}), Real({4}), Real({4})}, .error = "shapes differ"});
    return all;
  }
};

// Of a loss of prediction - target.
template <class LossOp>
std::array<Tensor, 2> VjpOfDifference(const LossOp& loss, const Tensor& dy,
                                      const Tensor& prediction,
                                      const Tensor& target, bool needs_target) {
  const Tensor d = Apply(LossGradOp<LossOp>{loss}, dy, prediction, target);
  return {d, needs_target ? -d : Tensor()};
}

// y = (prediction - target)^2
struct SquaredErrorOp {
  static constexpr auto kName = "squared_error",
                        kDoc = "y = (prediction - target)^2";
  static constexpr auto kGradName = "squared_error_grad",
                        kGradDoc = "dx = 2 dy (prediction - target)";
  static constexpr Save kSave = Save::kInputs;
  Shape Infer(const Shape& prediction, const Shape& target) const {
    return CommonShape(prediction, target);
  }
  template <class T>
  void Forward(const Tensor& prediction, const Tensor& target,
               absl::Span<T> y) const {
    kernels::Zip(prediction.data<T>(), target.data<T>(), y,
                 [](T u, T v) { return (u - v) * (u - v); });
  }
  std::array<Tensor, 2> Vjp(const Tensor& dy, const Tensor&,
                            const Tensor& prediction, const Tensor& target,
                            std::array<bool, 2> needs) const {
    return VjpOfDifference(*this, dy, prediction, target, needs[1]);
  }
  template <class T>
  static auto Slope() {
    return [](T u, T v) { return 2 * (u - v); };
  }
  static std::array<Tensor, 2> SlopeVjp(const Tensor& dy, const Tensor&,
                                        const Tensor&) {
    const Tensor d = 2 * dy;
    return {d, -d};
  }
  double Flops(const Shape& prediction, const Shape&) const {
    return 2. * static_cast<double>(prediction.size());
  }
  static std::vector<Example<SquaredErrorOp>> Examples() {
    return LossExamples<SquaredErrorOp>(Real, Real);
  }
};

// y = |prediction - target|
struct AbsoluteErrorOp {
  static constexpr auto kName = "absolute_error",
                        kDoc = "y = |prediction - target|";
  static constexpr auto kGradName = "absolute_error_grad",
                        kGradDoc = "dx = dy sign(prediction - target)";
  static constexpr Save kSave = Save::kInputs;
  Shape Infer(const Shape& prediction, const Shape& target) const {
    return CommonShape(prediction, target);
  }
  template <class T>
  void Forward(const Tensor& prediction, const Tensor& target,
               absl::Span<T> y) const {
    kernels::Zip(prediction.data<T>(), target.data<T>(), y,
                 [](T u, T v) { return std::abs(u - v); });
  }
  std::array<Tensor, 2> Vjp(const Tensor& dy, const Tensor&,
                            const Tensor& prediction, const Tensor& target,
                            std::array<bool, 2> needs) const {
    return VjpOfDifference(*this, dy, prediction, target, needs[1]);
  }
  template <class T>
  static auto Slope() {
    return [](T u, T v) {
      const T d = u - v;
      return d > 0 ? T(1) : d < 0 ? T(-1) : d;
    };
  }
  static std::array<Tensor, 2> SlopeVjp(const Tensor&, const Tensor&,
                                        const Tensor&) {
    return {};
  }
  double Flops(const Shape& prediction, const Shape&) const {
    return 2. * static_cast<double>(prediction.size());
  }
  static std::vector<Example<AbsoluteErrorOp>> Examples() {
    return LossExamples<AbsoluteErrorOp>(
        [](const Shape& shape) { return Real(shape, -0.2, 0.2); },
        AwayFromZero);
  }
};

// y = d^2 / 2 where |d| <= delta, else delta (|d| - delta / 2), with
// d = prediction - target. With d clamped to c in [-delta, delta] both are
// c (d - c / 2), and the derivative is c.
struct HuberOp {
  double delta = 1;
  static constexpr auto kName = "huber",
                        kDoc =
                            "y = c (d - c / 2), d = prediction - target, "
                            "c = d within [-delta, delta]";
  static constexpr auto kGradName = "huber_grad",
                        kGradDoc = "dx = dy (d within [-delta, delta])";
  static constexpr Save kSave = Save::kInputs;
  Shape Infer(const Shape& prediction, const Shape& target) const {
    return CommonShape(prediction, target);
  }
  void Check(const Tensor&, const Tensor&) const {
    if (!(delta > 0)) throw ValueError("delta must be positive");
  }
  template <class T>
  void Forward(const Tensor& prediction, const Tensor& target,
               absl::Span<T> y) const {
    kernels::Zip(prediction.data<T>(), target.data<T>(), y,
                 [slope = Slope<T>()](T u, T v) {
                   const T c = slope(u, v);
                   return c * (u - v - c / 2);
                 });
  }
  std::array<Tensor, 2> Vjp(const Tensor& dy, const Tensor&,
                            const Tensor& prediction, const Tensor& target,
                            std::array<bool, 2> needs) const {
    return VjpOfDifference(*this, dy, prediction, target, needs[1]);
  }
  template <class T>
  auto Slope() const {
    return [bound = static_cast<T>(delta)](T u, T v) {
      const T d = u - v;
      return d < -bound ? -bound : d > bound ? bound : d;
    };
  }
  std::array<Tensor, 2> SlopeVjp(const Tensor& dy, const Tensor& prediction,
                                 const Tensor& target) const {
    const Tensor c = prediction - target;
    const Tensor beyond = Abs(Sign(c - Clamp(c, -delta, delta)));
    const Tensor d = dy * (1 - beyond);
    return {d, -d};
  }
  double Flops(const Shape& prediction, const Shape&) const {
    return 4. * static_cast<double>(prediction.size());
  }
  static std::vector<Example<HuberOp>> Examples() {
    // The untimed differences are clear of delta: no distinct value of these
    // shapes is nearer than 0.16 to 1 or -1.
    std::vector<Example<HuberOp>> examples = LossExamples<HuberOp>(
        [](const Shape& shape) { return Real(shape, -0.05, 0.05); }, Distinct);
    examples.push_back({.op = {.delta = 0},
                        .inputs = {Real({3}), Real({3})},
                        .error = "delta must be positive"});
    return examples;
  }
};

// y = -z log(p) - (1 - z) log(1 - p), p = sigmoid(x)
//   = |x| w + log(1 + e^-|x|)
//
// with w = 1 - z for x > 0, else z: how much of the target x speaks against.
struct BinaryCrossEntropyOp {
  static constexpr auto kName = "binary_cross_entropy",
                        kDoc =
                            "y = -z log(p) - (1 - z) log(1 - p), "
                            "p = sigmoid(x)";
  static constexpr auto kGradName = "binary_cross_entropy_grad",
                        kGradDoc = "dx = dy (p - z)";
  static constexpr Save kSave = Save::kInputs;
  Shape Infer(const Shape& x, const Shape& z) const {
    return CommonShape(x, z);
  }
  template <class T>
  void Forward(const Tensor& x, const Tensor& z, absl::Span<T> y) const {
    kernels::Zip(x.data<T>(), z.data<T>(), y, [](T u, T v) {
      const T size = std::abs(u);
      const T against = u > 0 ? 1 - v : v;
      // An infinite x may well be right, but inf 0 is NaN.
      return (against == 0 ? T(0) : size * against) +
             kernels::Log1p(kernels::ExpOfNonPositive(-size));
    });
  }
  std::array<Tensor, 2> Vjp(const Tensor& dy, const Tensor&, const Tensor& x,
                            const Tensor& z, std::array<bool, 2> needs) const {
    return {needs[0] ? Apply(LossGradOp<BinaryCrossEntropyOp>{}, dy, x, z)
                     : Tensor(),
            needs[1] ? -(dy * x) : Tensor()};
  }
  template <class T>
  static auto Slope() {
    // p - z, written so that nothing cancels where z is 0 or 1.
    return [](T u, T v) {
      const T e = kernels::ExpOfNonPositive(-std::abs(u)), larger = 1 / (1 + e);
      const T smaller = e * larger;
      const T p = u > 0 ? larger : smaller, q = u > 0 ? smaller : larger;
      return (1 - v) * p - v * q;
    };
  }
  static std::array<Tensor, 2> SlopeVjp(const Tensor& dy, const Tensor& x,
                                        const Tensor&) {
    return {dy * Sigmoid(x) * Sigmoid(-x), -dy};
  }
  static std::vector<Example<BinaryCrossEntropyOp>> Examples() {
    return LossExamples<BinaryCrossEntropyOp>(
        Real, [](const Shape& shape) { return Real(shape, 0, 1); });
  }
};

}  // namespace

Tensor MeanSquaredError(const Tensor& prediction, const Tensor& target) {
  return Mean(Apply(SquaredErrorOp{}, prediction, target));
}

Tensor MeanAbsoluteError(const Tensor& prediction, const Tensor& target) {
  return Mean(Apply(AbsoluteErrorOp{}, prediction, target));
}

Tensor Huber(const Tensor& prediction, const Tensor& target, double delta) {
  return Mean(Apply(HuberOp{delta}, prediction, target));
}

Tensor BinaryCrossEntropyWithLogits(const Tensor& logits,
                                    const Tensor& targets) {
  return Mean(Apply(BinaryCrossEntropyOp{}, logits, targets));
}

}  // namespace adjoint
