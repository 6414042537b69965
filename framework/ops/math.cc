#include "framework/ops/math.h"

#include <cmath>
#include <vector>

#include "absl/types/span.h"
#include "framework/core/op.h"
#include "framework/kernels/power.h"
#include "framework/kernels/trigonometry.h"
#include "framework/ops/arithmetic.h"
#include "framework/ops/broadcast.h"

namespace adjoint {
namespace {

// y = sign(x)
struct SignOp {
  static constexpr auto kName = "sign", kDoc = "y = [x > 0] - [x < 0]";
  static constexpr Save kSave = Save::kNothing;
  Shape Infer(const Shape& x) const { return x; }
  template <class T>
  void Forward(const Tensor& x, absl::Span<T> y) const {
    // No comparison holds for a NaN, which thus stays.
    kernels::Map(x.data<T>(), y, [](T v) {
      return v > 0 ? T(1) : v < 0 ? T(-1) : v;
    });
  }
  static std::vector<Example<SignOp>> Examples() {
    return ElementwiseExamples<SignOp>(AwayFromZero);
  }
};

// y = |x|
struct AbsOp {
  static constexpr auto kName = "abs", kDoc = "y = |x|";
  static constexpr Save kSave = Save::kInputs;
  Shape Infer(const Shape& x) const { return x; }
  template <class T>
  void Forward(const Tensor& x, absl::Span<T> y) const {
    kernels::Map(x.data<T>(), y, [](T v) { return std::abs(v); });
  }
  Tensor Vjp(const Tensor& dy, const Tensor&, const Tensor& x) const {
    return dy * Sign(x);
  }
  static std::vector<Example<AbsOp>> Examples() {
    return ElementwiseExamples<AbsOp>(AwayFromZero);
  }
};

// y = sin(x)
struct SinOp {
  static constexpr auto kName = "sin", kDoc = "y = sin(x)";
  static constexpr Save kSave = Save::kInputs;
  Shape Infer(const Shape& x) const { return x; }
  template <class T>
  void Forward(const Tensor& x, absl::Span<T> y) const {
    kernels::SinOf(x.data<T>(), y);
  }
  Tensor Vjp(const Tensor& dy, const Tensor&, const Tensor& x) const {
    return dy * Cos(x);
  }
  static std::vector<Example<SinOp>> Examples() {
    return ElementwiseExamples<SinOp>(Real);
  }
};

// y = cos(x)
struct CosOp {
  static constexpr auto kName = "cos", kDoc = "y = cos(x)";
  static constexpr Save kSave = Save::kInputs;
  Shape Infer(const Shape& x) const { return x; }
  template <class T>
  void Forward(const Tensor& x, absl::Span<T> y) const {
    kernels::CosOf(x.data<T>(), y);
  }
  Tensor Vjp(const Tensor& dy, const Tensor&, const Tensor& x) const {
    return -(dy * Sin(x));
  }
  static std::vector<Example<CosOp>> Examples() {
    return ElementwiseExamples<CosOp>(Real);
  }
};

// y = x^c
struct PowOp {
  double exponent = 1;
  static constexpr auto kName = "pow", kDoc = "y = x^c";
  static constexpr Save kSave = Save::kInputs;
  Shape Infer(const Shape& x) const { return x; }
  template <class T>
  void Forward(const Tensor& x, absl::Span<T> y) const {
    kernels::PowerOf(x.data<T>(), static_cast<T>(exponent), y);
  }
  Tensor Vjp(const Tensor& dy, const Tensor&, const Tensor& x) const {
    // Not 0 / x, which has no value at 0.
    if (exponent == 0) return Zeros(x.shape(), x.dtype());
    return dy * (exponent * Pow(x, exponent - 1));
  }
  static std::vector<Example<PowOp>> Examples() {
    std::vector<Example<PowOp>> examples =
        ElementwiseExamples<PowOp>(Positive, {.exponent = 2.5});
    for (double whole : {3, 2, 1, 0, -2}) {
      examples.push_back(
          {.op = {.exponent = whole}, .inputs = {AwayFromZero({3, 4})}});
    }
    examples.push_back({.op = {.exponent = -0.5}, .inputs = {Positive({5})}});
    return examples;
  }
};

}  // namespace

Tensor Abs(const Tensor& x) { return Apply(AbsOp{}, x); }
Tensor Sign(const Tensor& x) { return Apply(SignOp{}, x); }
Tensor Sin(const Tensor& x) { return Apply(SinOp{}, x); }
Tensor Cos(const Tensor& x) { return Apply(CosOp{}, x); }
Tensor Pow(const Tensor& x, double exponent) {
  return Apply(PowOp{exponent}, x);
}

}  // namespace adjoint
