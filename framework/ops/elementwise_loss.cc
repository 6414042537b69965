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

Shape SameShapeOrThrow(const Shape& a, const Shape& b) {
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

// y = |prediction - target|
struct AbsoluteErrorOp {
  static constexpr auto kName = "absolute_error",
                        kDoc = "y = |prediction - target|";
  static constexpr Save kSave = Save::kInputs;
  Shape Infer(const Shape& prediction, const Shape& target) const {
    return SameShapeOrThrow(prediction, target);
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
    const Tensor d = dy * Sign(prediction - target);
    return {d, needs[1] ? -d : Tensor()};
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
  static constexpr Save kSave = Save::kInputs;
  Shape Infer(const Shape& prediction, const Shape& target) const {
    return SameShapeOrThrow(prediction, target);
  }
  void Check(const Tensor&, const Tensor&) const {
    if (!(delta > 0)) throw ValueError("delta must be positive");
  }
  template <class T>
  void Forward(const Tensor& prediction, const Tensor& target,
               absl::Span<T> y) const {
    kernels::Zip(prediction.data<T>(), target.data<T>(), y,
                 [bound = static_cast<T>(delta)](T u, T v) {
                   const T d = u - v;
                   const T c = d < -bound ? -bound : d > bound ? bound : d;
                   return c * (d - c / 2);
                 });
  }
  std::array<Tensor, 2> Vjp(const Tensor& dy, const Tensor&,
                            const Tensor& prediction, const Tensor& target,
                            std::array<bool, 2> needs) const {
    const Tensor d = dy * Clamp(prediction - target, -delta, delta);
    return {d, needs[1] ? -d : Tensor()};
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
  static constexpr Save kSave = Save::kInputs;
  Shape Infer(const Shape& x, const Shape& z) const {
    return SameShapeOrThrow(x, z);
  }
  template <class T>
  void Forward(const Tensor& x, const Tensor& z, absl::Span<T> y) const {
    kernels::Zip(x.data<T>(), z.data<T>(), y, [](T u, T v) {
      const T size = std::abs(u);
      const T against = u > 0 ? 1 - v : v;
      // An infinite x may well be right, but inf 0 is NaN.
      return (against == 0 ? T(0) : size * against) +
             kernels::Log1p(kernels::Exp(-size));
    });
  }
  std::array<Tensor, 2> Vjp(const Tensor& dy, const Tensor&, const Tensor& x,
                            const Tensor& z, std::array<bool, 2> needs) const {
    // dy (p - z), written so that nothing cancels where z is 0 or 1.
    return {needs[0] ? dy * ((1 - z) * Sigmoid(x) - z * Sigmoid(-x)) : Tensor(),
            needs[1] ? -(dy * x) : Tensor()};
  }
  static std::vector<Example<BinaryCrossEntropyOp>> Examples() {
    return LossExamples<BinaryCrossEntropyOp>(
        Real, [](const Shape& shape) { return Real(shape, 0, 1); });
  }
};

}  // namespace

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
