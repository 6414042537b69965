#include "framework/ops/arithmetic.h"

#include <array>
#include <vector>

#include "absl/types/span.h"
#include "framework/core/op.h"
#include "framework/ops/broadcast.h"

namespace adjoint {
namespace {

// y = a + b
struct AddOp {
  static constexpr auto kName = "add", kDoc = "y = a + b";
  static constexpr Save kSave = Save::kNothing;
  Shape Infer(const Shape& a, const Shape& b) const {
    return BroadcastOrThrow(a, b);
  }
  template <class T>
  void Forward(const Tensor& a, const Tensor& b, absl::Span<T> y) const {
    BroadcastForward(a, b, y, [](T u, T v) { return u + v; });
  }
  std::array<Tensor, 2> Vjp(const Tensor& dy, const Tensor&, const Tensor&,
                            const Tensor&) const {
    return {dy, dy};
  }
  static std::vector<Example<AddOp>> Examples() {
    return BroadcastExamples<AddOp>(Real, Real);
  }
};

// y = a - b
struct SubOp {
  static constexpr auto kName = "sub", kDoc = "y = a - b";
  static constexpr Save kSave = Save::kNothing;
  Shape Infer(const Shape& a, const Shape& b) const {
    return BroadcastOrThrow(a, b);
  }
  template <class T>
  void Forward(const Tensor& a, const Tensor& b, absl::Span<T> y) const {
    BroadcastForward(a, b, y, [](T u, T v) { return u - v; });
  }
  std::array<Tensor, 2> Vjp(const Tensor& dy, const Tensor&, const Tensor&,
                            const Tensor&, std::array<bool, 2> needs) const {
    return {dy, needs[1] ? -dy : Tensor()};
  }
  static std::vector<Example<SubOp>> Examples() {
    return BroadcastExamples<SubOp>(Real, Real);
  }
};

// y = a b
struct MulOp {
  static constexpr auto kName = "mul", kDoc = "y = a b";
  static constexpr Save kSave = Save::kInputs;
  Shape Infer(const Shape& a, const Shape& b) const {
    return BroadcastOrThrow(a, b);
  }
  template <class T>
  void Forward(const Tensor& a, const Tensor& b, absl::Span<T> y) const {
    BroadcastForward(a, b, y, [](T u, T v) { return u * v; });
  }
  std::array<Tensor, 2> Vjp(const Tensor& dy, const Tensor&, const Tensor& a,
                            const Tensor& b, std::array<bool, 2> needs) const {
    return {needs[0] ? dy * b : Tensor(), needs[1] ? dy * a : Tensor()};
  }
  static std::vector<Example<MulOp>> Examples() {
    return BroadcastExamples<MulOp>(Real, Real);
  }
};

// y = a / b
struct DivOp {
  static constexpr auto kName = "div", kDoc = "y = a / b";
  static constexpr Save kSave = Save::kOutput | Save::kInput1;
  Shape Infer(const Shape& a, const Shape& b) const {
    return BroadcastOrThrow(a, b);
  }
  template <class T>
  void Forward(const Tensor& a, const Tensor& b, absl::Span<T> y) const {
    BroadcastForward(a, b, y, [](T u, T v) { return u / v; });
  }
  std::array<Tensor, 2> Vjp(const Tensor& dy, const Tensor& y, const Tensor&,
                            const Tensor& b, std::array<bool, 2> needs) const {
    const Tensor da = dy / b;
    return {da, needs[1] ? -(da * y) : Tensor()};
  }
  static std::vector<Example<DivOp>> Examples() {
    return BroadcastExamples<DivOp>(Real, AwayFromZero);
  }
};

// y = -x
struct NegOp {
  static constexpr auto kName = "neg", kDoc = "y = -x";
  static constexpr Save kSave = Save::kNothing;
  Shape Infer(const Shape& x) const { return x; }
  template <class T>
  void Forward(const Tensor& x, absl::Span<T> y) const {
    kernels::Map(x.data<T>(), y, [](T v) { return -v; });
  }
  Tensor Vjp(const Tensor& dy, const Tensor&, const Tensor&) const {
    return -dy;
  }
  static std::vector<Example<NegOp>> Examples() {
    return ElementwiseExamples<NegOp>(Real);
  }
};

// y = x + c
struct AddScalarOp {
  double c = 0;
  static constexpr auto kName = "add_scalar", kDoc = "y = x + c";
  static constexpr Save kSave = Save::kNothing;
  Shape Infer(const Shape& x) const { return x; }
  template <class T>
  void Forward(const Tensor& x, absl::Span<T> y) const {
    kernels::Map(x.data<T>(), y,
                 [c = static_cast<T>(c)](T v) { return v + c; });
  }
  Tensor Vjp(const Tensor& dy, const Tensor&, const Tensor&) const {
    return dy;
  }
  static std::vector<Example<AddScalarOp>> Examples() {
    return ElementwiseExamples<AddScalarOp>(Real, {.c = 1.5});
  }
};

// y = c x
struct MulScalarOp {
  double c = 1;
  static constexpr auto kName = "mul_scalar", kDoc = "y = c x";
  static constexpr Save kSave = Save::kNothing;
  Shape Infer(const Shape& x) const { return x; }
  template <class T>
  void Forward(const Tensor& x, absl::Span<T> y) const {
    kernels::Map(x.data<T>(), y,
                 [c = static_cast<T>(c)](T v) { return v * c; });
  }
  Tensor Vjp(const Tensor& dy, const Tensor&, const Tensor&) const {
    return dy * c;
  }
  static std::vector<Example<MulScalarOp>> Examples() {
    return ElementwiseExamples<MulScalarOp>(Real, {.c = -1.5});
  }
};

}  // namespace

Tensor Add(const Tensor& a, const Tensor& b) { return Apply(AddOp{}, a, b); }
Tensor Sub(const Tensor& a, const Tensor& b) { return Apply(SubOp{}, a, b); }
Tensor Mul(const Tensor& a, const Tensor& b) { return Apply(MulOp{}, a, b); }
Tensor Div(const Tensor& a, const Tensor& b) { return Apply(DivOp{}, a, b); }
Tensor Neg(const Tensor& x) { return Apply(NegOp{}, x); }
Tensor AddScalar(const Tensor& x, double c) { return Apply(AddScalarOp{c}, x); }
Tensor MulScalar(const Tensor& x, double c) { return Apply(MulScalarOp{c}, x); }

}  // namespace adjoint
