#include "framework/ops/elementwise.h"

#include <array>
#include <cmath>
#include <vector>

#include "absl/types/span.h"
#include "framework/core/op.h"
#include "framework/kernels/math.h"
#include "framework/ops/arithmetic.h"
#include "framework/ops/broadcast.h"

namespace adjoint {
namespace {

// y = e^x
struct ExpOp {
  static constexpr auto kName = "exp", kDoc = "y = e^x";
  static constexpr Save kSave = Save::kOutput;
  Shape Infer(const Shape& x) const { return x; }
  template <class T>
  void Forward(const Tensor& x, absl::Span<T> y) const {
    kernels::Map(x.data<T>(), y, [](T v) { return kernels::Exp(v); });
  }
  Tensor Vjp(const Tensor& dy, const Tensor& y, const Tensor&) const {
    return dy * y;
  }
  static std::vector<Example<ExpOp>> Examples() {
    return ElementwiseExamples<ExpOp>(Real);
  }
};

// y = log(x)
struct LogOp {
  static constexpr auto kName = "log", kDoc = "y = log(x)";
  static constexpr Save kSave = Save::kInputs;
  Shape Infer(const Shape& x) const { return x; }
  template <class T>
  void Forward(const Tensor& x, absl::Span<T> y) const {
    kernels::Map(x.data<T>(), y, [](T v) { return kernels::Log(v); });
  }
  Tensor Vjp(const Tensor& dy, const Tensor&, const Tensor& x) const {
    return dy / x;
  }
  static std::vector<Example<LogOp>> Examples() {
    return ElementwiseExamples<LogOp>(Positive);
  }
};

// y = sqrt(x)
struct SqrtOp {
  static constexpr auto kName = "sqrt", kDoc = "y = sqrt(x)";
  static constexpr Save kSave = Save::kOutput;
  Shape Infer(const Shape& x) const { return x; }
  template <class T>
  void Forward(const Tensor& x, absl::Span<T> y) const {
    kernels::Map(x.data<T>(), y, [](T v) { return std::sqrt(v); });
  }
  Tensor Vjp(const Tensor& dy, const Tensor& y, const Tensor&) const {
    return 0.5 * dy / y;
  }
  static std::vector<Example<SqrtOp>> Examples() {
    return ElementwiseExamples<SqrtOp>(Positive);
  }
};

// y = x^2
struct SquareOp {
  static constexpr auto kName = "square", kDoc = "y = x^2";
  static constexpr Save kSave = Save::kInputs;
  Shape Infer(const Shape& x) const { return x; }
  template <class T>
  void Forward(const Tensor& x, absl::Span<T> y) const {
    kernels::Map(x.data<T>(), y, [](T v) { return v * v; });
  }
  Tensor Vjp(const Tensor& dy, const Tensor&, const Tensor& x) const {
    return 2 * dy * x;
  }
  static std::vector<Example<SquareOp>> Examples() {
    return ElementwiseExamples<SquareOp>(Real);
  }
};

// The gradients of relu, sigmoid and tanh are one pass over dy and y, hence ops
// of their own.
Shape SameShapeOrThrow(const Shape& dy, const Shape& y) {
  if (dy != y) throw ShapeError("dy and y differ in shape");
  return y;
}

template <class OpT>
std::vector<Example<OpT>> GradientExamples(Operand (*y)(const Shape&)) {
  return {
      {.inputs = {Real({3, 4}), y({3, 4})}},
      {.inputs = {Real({}), y({})}},
      {.inputs = {Real({0, 2}), y({0, 2})}},
      {.inputs = {Real({512, 1024}), y({512, 1024})}, .timed = true},
      {.inputs = {Real({2, 3}), y({3})}, .error = "dy and y differ in shape"},
  };
}

// dx = dy where y > 0, else 0
struct ReluGradOp {
  static constexpr auto kName = "relu_grad", kDoc = "dx = y > 0 ? dy : 0";
  static constexpr Save kSave = Save::kInput1;
  Shape Infer(const Shape& dy, const Shape& y) const {
    return SameShapeOrThrow(dy, y);
  }
  template <class T>
  void Forward(const Tensor& dy, const Tensor& y, absl::Span<T> dx) const {
    kernels::Zip(dy.data<T>(), y.data<T>(), dx,
                 [](T u, T v) { return v > 0 ? u : T(0); });
  }
  std::array<Tensor, 2> Vjp(const Tensor& g, const Tensor&, const Tensor&,
                            const Tensor& y) const {
    return {Apply(ReluGradOp{}, g, y), Tensor()};
  }
  static std::vector<Example<ReluGradOp>> Examples() {
    return GradientExamples<ReluGradOp>(AwayFromZero);
  }
};

// y = max(x, 0)
struct ReluOp {
  static constexpr auto kName = "relu", kDoc = "y = max(x, 0)";
  static constexpr Save kSave = Save::kOutput;
  Shape Infer(const Shape& x) const { return x; }
  template <class T>
  void Forward(const Tensor& x, absl::Span<T> y) const {
    // No comparison holds for a NaN, which thus stays.
    kernels::Map(x.data<T>(), y, [](T v) { return v < 0 ? T(0) : v; });
  }
  Tensor Vjp(const Tensor& dy, const Tensor& y, const Tensor&) const {
    return Apply(ReluGradOp{}, dy, y);
  }
  static std::vector<Example<ReluOp>> Examples() {
    return ElementwiseExamples<ReluOp>(AwayFromZero);
  }
};

// dx = dy y (1 - y)
struct SigmoidGradOp {
  static constexpr auto kName = "sigmoid_grad", kDoc = "dx = dy y (1 - y)";
  static constexpr Save kSave = Save::kInputs;
  Shape Infer(const Shape& dy, const Shape& y) const {
    return SameShapeOrThrow(dy, y);
  }
  template <class T>
  void Forward(const Tensor& dy, const Tensor& y, absl::Span<T> dx) const {
    kernels::Zip(dy.data<T>(), y.data<T>(), dx,
                 [](T u, T v) { return u * v * (1 - v); });
  }
  std::array<Tensor, 2> Vjp(const Tensor& g, const Tensor&, const Tensor& dy,
                            const Tensor& y, std::array<bool, 2> needs) const {
    return {needs[0] ? Apply(SigmoidGradOp{}, g, y) : Tensor(),
            needs[1] ? g * dy * (1 - 2 * y) : Tensor()};
  }
  static std::vector<Example<SigmoidGradOp>> Examples() {
    return GradientExamples<SigmoidGradOp>(Real);
  }
};

// y = 1 / (1 + e^-x)
struct SigmoidOp {
  static constexpr auto kName = "sigmoid", kDoc = "y = 1 / (1 + e^-x)";
  static constexpr Save kSave = Save::kOutput;
  Shape Infer(const Shape& x) const { return x; }
  template <class T>
  void Forward(const Tensor& x, absl::Span<T> y) const {
    kernels::Map(x.data<T>(), y, [](T v) { return kernels::Sigmoid(v); });
  }
  Tensor Vjp(const Tensor& dy, const Tensor& y, const Tensor&) const {
    return Apply(SigmoidGradOp{}, dy, y);
  }
  static std::vector<Example<SigmoidOp>> Examples() {
    return ElementwiseExamples<SigmoidOp>(Real);
  }
};

// dx = dy (1 - y^2)
struct TanhGradOp {
  static constexpr auto kName = "tanh_grad", kDoc = "dx = dy (1 - y^2)";
  static constexpr Save kSave = Save::kInputs;
  Shape Infer(const Shape& dy, const Shape& y) const {
    return SameShapeOrThrow(dy, y);
  }
  template <class T>
  void Forward(const Tensor& dy, const Tensor& y, absl::Span<T> dx) const {
    kernels::Zip(dy.data<T>(), y.data<T>(), dx,
                 [](T u, T v) { return u * (1 - v * v); });
  }
  std::array<Tensor, 2> Vjp(const Tensor& g, const Tensor&, const Tensor& dy,
                            const Tensor& y, std::array<bool, 2> needs) const {
    return {needs[0] ? Apply(TanhGradOp{}, g, y) : Tensor(),
            needs[1] ? -2 * g * dy * y : Tensor()};
  }
  static std::vector<Example<TanhGradOp>> Examples() {
    return GradientExamples<TanhGradOp>(Real);
  }
};

// y = tanh(x)
struct TanhOp {
  static constexpr auto kName = "tanh", kDoc = "y = tanh(x)";
  static constexpr Save kSave = Save::kOutput;
  Shape Infer(const Shape& x) const { return x; }
  template <class T>
  void Forward(const Tensor& x, absl::Span<T> y) const {
    kernels::Map(x.data<T>(), y, [](T v) { return kernels::Tanh(v); });
  }
  Tensor Vjp(const Tensor& dy, const Tensor& y, const Tensor&) const {
    return Apply(TanhGradOp{}, dy, y);
  }
  static std::vector<Example<TanhOp>> Examples() {
    return ElementwiseExamples<TanhOp>(Real);
  }
};

}  // namespace

Tensor Exp(const Tensor& x) { return Apply(ExpOp{}, x); }
Tensor Log(const Tensor& x) { return Apply(LogOp{}, x); }
Tensor Sqrt(const Tensor& x) { return Apply(SqrtOp{}, x); }
Tensor Square(const Tensor& x) { return Apply(SquareOp{}, x); }
Tensor Relu(const Tensor& x) { return Apply(ReluOp{}, x); }
Tensor Sigmoid(const Tensor& x) { return Apply(SigmoidOp{}, x); }
Tensor Tanh(const Tensor& x) { return Apply(TanhOp{}, x); }

}  // namespace adjoint
