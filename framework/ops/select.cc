#include "framework/ops/select.h"

#include <array>
#include <limits>
#include <optional>
#include <vector>

#include "absl/types/span.h"
#include "framework/core/op.h"
#include "framework/kernels/select.h"
#include "framework/ops/arithmetic.h"
#include "framework/ops/broadcast.h"
#include "framework/ops/shape.h"

namespace adjoint {
namespace {

// Closer to 0 than any element of AwayFromZero, hence clear of ties with it.
Operand NearZero(const Shape& shape) { return Real(shape, -0.2, 0.2); }

// w = 1 where a > b, 1/2 where they are equal, 0 where a < b: the part of a in
// the gradient of the maximum. 1 where one of them is NaN.
struct LargerShareOp {
  static constexpr auto kName = "larger_share",
                        kDoc = "w = [a > b] + [a = b] / 2";
  static constexpr Save kSave = Save::kNothing;
  Shape Infer(const Shape& a, const Shape& b) const {
    return BroadcastOrThrow(a, b);
  }
  template <class T>
  void Forward(const Tensor& a, const Tensor& b, absl::Span<T> w) const {
    BroadcastForward(a, b, w, [](T u, T v) {
      return u < v ? T(0) : u == v ? T(0.5) : T(1);
    });
  }
  static std::vector<Example<LargerShareOp>> Examples() {
    return BroadcastExamples<LargerShareOp>(NearZero, AwayFromZero);
  }
};

Tensor LargerShare(const Tensor& a, const Tensor& b) {
  return Apply(LargerShareOp{}, a, b);
}

// y = max(a, b)
struct MaximumOp {
  static constexpr auto kName = "maximum", kDoc = "y = max(a, b)";
  static constexpr Save kSave = Save::kInputs;
  Shape Infer(const Shape& a, const Shape& b) const {
    return BroadcastOrThrow(a, b);
  }
  template <class T>
  void Forward(const Tensor& a, const Tensor& b, absl::Span<T> y) const {
    // No comparison but u != u holds for a NaN.
    BroadcastForward(a, b, y, [](T u, T v) { return u > v || u != u ? u : v; });
  }
  std::array<Tensor, 2> Vjp(const Tensor& dy, const Tensor&, const Tensor& a,
                            const Tensor& b, std::array<bool, 2> needs) const {
    return {needs[0] ? dy * LargerShare(a, b) : Tensor(),
            needs[1] ? dy * LargerShare(b, a) : Tensor()};
  }
  static std::vector<Example<MaximumOp>> Examples() {
    return BroadcastExamples<MaximumOp>(NearZero, AwayFromZero);
  }
};

// y = min(a, b)
struct MinimumOp {
  static constexpr auto kName = "minimum", kDoc = "y = min(a, b)";
  static constexpr Save kSave = Save::kInputs;
  Shape Infer(const Shape& a, const Shape& b) const {
    return BroadcastOrThrow(a, b);
  }
  template <class T>
  void Forward(const Tensor& a, const Tensor& b, absl::Span<T> y) const {
    BroadcastForward(a, b, y, [](T u, T v) { return u < v || u != u ? u : v; });
  }
  std::array<Tensor, 2> Vjp(const Tensor& dy, const Tensor&, const Tensor& a,
                            const Tensor& b, std::array<bool, 2> needs) const {
    return {needs[0] ? dy * LargerShare(b, a) : Tensor(),
            needs[1] ? dy * LargerShare(a, b) : Tensor()};
  }
  static std::vector<Example<MinimumOp>> Examples() {
    return BroadcastExamples<MinimumOp>(NearZero, AwayFromZero);
  }
};

// The bounds are clear of all values of the untimed examples, by 0.04 or more.
template <class OpT>
std::vector<Example<OpT>> BoundedExamples() {
  return ElementwiseExamples<OpT>(Distinct, {.low = -0.75, .high = 0.875});
}

// y = 1 where low <= x <= high, else 0
struct ClampSlopeOp {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  static constexpr auto kName = "clamp_slope", kDoc = "y = [low <= x <= high]";
  static constexpr Save kSave = Save::kNothing;
  Shape Infer(const Shape& x) const { return x; }
  template <class T>
  void Forward(const Tensor& x, absl::Span<T> y) const {
    kernels::Map(x.data<T>(), y,
                 [l = static_cast<T>(low), h = static_cast<T>(high)](T v) {
                   return l <= v && v <= h ? T(1) : T(0);
                 });
  }
  static std::vector<Example<ClampSlopeOp>> Examples() {
    return BoundedExamples<ClampSlopeOp>();
  }
};

// y = min(max(x, low), high)
struct ClampOp {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  static constexpr auto kName = "clamp", kDoc = "y = min(max(x, low), high)";
  static constexpr Save kSave = Save::kInputs;
  Shape Infer(const Shape& x) const { return x; }
  void Check(const Tensor&) const {
    if (!(low <= high)) throw ValueError("low must be at most high");
  }
  template <class T>
  void Forward(const Tensor& x, absl::Span<T> y) const {
    kernels::Map(x.data<T>(), y,
                 [l = static_cast<T>(low), h = static_cast<T>(high)](T v) {
                   return v < l ? l : v > h ? h : v;
                 });
  }
  Tensor Vjp(const Tensor& dy, const Tensor&, const Tensor& x) const {
    return dy * Apply(ClampSlopeOp{low, high}, x);
  }
  static std::vector<Example<ClampOp>> Examples() {
    std::vector<Example<ClampOp>> examples = BoundedExamples<ClampOp>();
    examples.push_back({.op = {.low = 0}, .inputs = {AwayFromZero({5})}});
    examples.push_back({.op = {.low = 1, .high = 0.5},
                        .inputs = {Real({5})},
                        .error = "low must be at most high"});
    return examples;
  }
};

// y = a where condition is not 0, else b, all of one shape
struct WhereOp {
  static constexpr auto kName = "where", kDoc = "y = condition ? a : b";
  static constexpr std::array kTakes = {Takes::kIndex, Takes::kAny,
                                        Takes::kAny};
  static constexpr Save kSave = Save::kInput0;
  Shape Infer(const Shape& condition, const Shape& a, const Shape& b) const {
    if (condition != a || a != b) throw ShapeError("shapes differ");
    return a;
  }
  template <class T>
  void Forward(const Tensor& condition, const Tensor& a, const Tensor& b,
               absl::Span<T> y) const {
    kernels::Select(condition.data<int32_t>(), a.data<T>(), b.data<T>(), y);
  }
  std::array<Tensor, 3> Vjp(const Tensor& dy, const Tensor&,
                            const Tensor& condition, const Tensor&,
                            const Tensor&, std::array<bool, 3> needs) const {
    // A choice, not a product: 0 inf is NaN.
    const Tensor zeros = Zeros(dy.shape(), dy.dtype());
    return {Tensor(),
            needs[1] ? Apply(WhereOp{}, condition, dy, zeros) : Tensor(),
            needs[2] ? Apply(WhereOp{}, condition, zeros, dy) : Tensor()};
  }
  static std::vector<Example<WhereOp>> Examples() {
    return {
        {.inputs = {Index({3, 4}, 2), Real({3, 4}), Real({3, 4})}},
        {.inputs = {Index({}, 2), Real({}), Real({})}},
        {.inputs = {Index({2, 1, 5}, 3), Real({2, 1, 5}), Real({2, 1, 5})}},
        {.inputs = {Index({0, 2}, 2), Real({0, 2}), Real({0, 2})}},
        {.inputs = {Index({512, 1024}, 2), Real({512, 1024}),
                    Real({512, 1024})},
         .timed = true},
        {.inputs = {Index({2, 3}, 2), Real({2, 3}), Real({3})},
         .error = "shapes differ"},
        {.inputs = {Real({3}), Real({3}), Real({3})},
         .error = "operand 0 must be i32"},
    };
  }
};

}  // namespace

Tensor Minimum(const Tensor& a, const Tensor& b) {
  return Apply(MinimumOp{}, a, b);
}

Tensor Maximum(const Tensor& a, const Tensor& b) {
  return Apply(MaximumOp{}, a, b);
}

Tensor Clamp(const Tensor& x, double low, double high) {
  return Apply(ClampOp{low, high}, x);
}

Tensor Where(const Tensor& condition, const Tensor& a, const Tensor& b) {
  std::optional<Shape> shape = BroadcastShapes(a.shape(), b.shape());
  if (shape) shape = BroadcastShapes(condition.shape(), *shape);
  if (!shape) {
    throw ShapeError(Explain(WhereOp::kName, "shapes do not broadcast",
                             {&condition, &a, &b}));
  }
  return Apply(WhereOp{}, BroadcastTo(condition, *shape),
               BroadcastTo(a, *shape), BroadcastTo(b, *shape));
}

}  // namespace adjoint
