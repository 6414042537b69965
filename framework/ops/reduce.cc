#include "framework/ops/reduce.h"

#include <array>
#include <bitset>
#include <numeric>
#include <utility>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/strings/str_cat.h"
#include "framework/core/memory.h"
#include "framework/core/op.h"
#include "framework/kernels/broadcast.h"
#include "framework/kernels/reduce.h"
#include "framework/ops/arithmetic.h"
#include "framework/ops/shape.h"

namespace adjoint {
namespace {

// The reduced axes, a bit each.
using Axes = std::bitset<Shape::kMaxRank>;

// Throws ShapeError for an axis out of range or named twice.
Axes AxesOf(absl::Span<const int> axes, int rank) {
  Axes set;
  for (int axis : axes) {
    if (axis < -rank || axis >= rank) {
      throw ShapeError(
          absl::StrCat("axis ", axis, " is out of range for rank ", rank));
    }
    const int i = axis < 0 ? axis + rank : axis;
    if (set[i]) throw ShapeError(absl::StrCat("axis ", i, " is named twice"));
    set.set(i);
  }
  return set;
}

// `shape` with extent 1 along the reduced axes.
Shape Kept(const Shape& shape, const Axes& axes) {
  std::array<int64_t, Shape::kMaxRank> dims;
  for (int i = 0; i < shape.rank(); ++i) dims[i] = axes[i] ? 1 : shape[i];
  return Shape(absl::MakeConstSpan(dims.data(), shape.rank()));
}

// `shape` without the reduced axes.
Shape Dropped(const Shape& shape, const Axes& axes) {
  std::array<int64_t, Shape::kMaxRank> dims;
  int rank = 0;
  for (int i = 0; i < shape.rank(); ++i) {
    if (!axes[i]) dims[rank++] = shape[i];
  }
  return Shape(absl::MakeConstSpan(dims.data(), rank));
}

// What to reduce, and whether the axes stay, with extent 1, or go.
struct ReducedAxes {
  Axes axes = {};
  bool keepdims = false;

  Shape Of(const Shape& x) const {
    return keepdims ? Kept(x, axes) : Dropped(x, axes);
  }
  // y, of the shape Of(x), with the axes that went.
  Tensor Aligned(const Tensor& y, const Shape& x) const {
    return keepdims || axes.none() ? y : Reshape(y, Kept(x, axes));
  }
};

// y = x reduced over `axes`: each run of adjacent axes is one pass of
// `reduce(x, outer, n, inner, y)`, the last run first. An axis of extent 1
// costs none.
template <class T, class Reduce>
void ReduceForward(const Tensor& x, const Axes& axes, absl::Span<T> y,
                   Reduce reduce) {
  const T* from = x.data<T>().data();
  PooledVector<T> buffers[2];
  int64_t inner = 1;
  const auto stays = [&](int i) { return !axes[i] || x.shape()[i] == 1; };
  for (int i = x.rank(); i-- > 0;) {
    if (stays(i)) {
      inner *= x.shape()[i];
      continue;
    }
    int64_t n = x.shape()[i];
    while (i > 0 && axes[i - 1]) n *= x.shape()[--i];
    int64_t outer = 1;
    bool last = true;
    for (int j = 0; j < i; ++j) {
      outer *= x.shape()[j];
      last = last && stays(j);
    }
    if (last) return reduce(from, outer, n, inner, y.data());
    // What is reduced here alone may be larger than the result.
    std::swap(buffers[0], buffers[1]);
    buffers[0].resize(outer * inner);
    reduce(from, outer, n, inner, buffers[0].data());
    from = buffers[0].data();
  }
  std::copy_n(from, y.size(), y.data());  // No axis that is longer than 1.
}

absl::InlinedVector<int, Shape::kMaxRank> AllAxes(const Tensor& x) {
  absl::InlinedVector<int, Shape::kMaxRank> axes(x.rank());
  std::iota(axes.begin(), axes.end(), 0);
  return axes;
}

// y = sum of x over axes
struct SumOp {
  ReducedAxes over = {};
  static constexpr auto kName = "sum", kDoc = "y = sum of x over axes";
  static constexpr Save kSave = Save::kNothing;
  Shape Infer(const Shape& x) const { return over.Of(x); }
  template <class T>
  void Forward(const Tensor& x, absl::Span<T> y) const {
    ReduceForward(x, over.axes, y, kernels::SumAxis<T>);
  }
  Tensor Vjp(const Tensor& dy, const Tensor&, const Tensor& x) const {
    // A scalar broadcasts as it is.
    return BroadcastTo(dy.rank() == 0 ? dy : over.Aligned(dy, x.shape()),
                       x.shape());
  }
  double Flops(const Shape& x) const { return static_cast<double>(x.size()); }
  static std::vector<Example<SumOp>> Examples() {
    return {
        {.op = {{0b1}}, .inputs = {Real({5})}},
        {.op = {{0b11}}, .inputs = {Real({3, 4})}},
        {.op = {{0b01}}, .inputs = {Real({3, 4})}},
        {.op = {{0b10}}, .inputs = {Real({3, 4})}},
        {.op = {{0b10, true}}, .inputs = {Real({3, 4})}},
        {.op = {{0b101}}, .inputs = {Real({2, 3, 4})}},
        {.op = {{0b101, true}}, .inputs = {Real({2, 3, 4})}},
        {.op = {{0b10101}}, .inputs = {Real({2, 3, 2, 1, 4})}},
        {.op = {{0b110}}, .inputs = {Real({2, 3, 4, 2})}},
        {.op = {{0b1101}}, .inputs = {Real({4, 3, 1, 1})}},
        {.op = {}, .inputs = {Real({})}},
        {.op = {{0b1}}, .inputs = {Real({0, 3})}},
        {.op = {{0b10}}, .inputs = {Real({0, 3})}},
        {.op = {{0b11}}, .inputs = {Real({512, 1024})}, .timed = true},
        {.op = {{0b01}}, .inputs = {Real({512, 1024})}, .timed = true},
        {.op = {{0b10}}, .inputs = {Real({512, 1024})}, .timed = true},
    };
  }
};

// w = 1 / (number of maxima) where x is the maximum y of its group, else 0
struct MaxWeightsOp {
  Axes axes = {};
  static constexpr auto kName = "max_weights",
                        kDoc = "w = [x = y] / #{x = y}, y the max over axes";
  static constexpr Save kSave = Save::kNothing;
  Shape Infer(const Shape& x, const Shape& y) const {
    if (y != Kept(x, axes)) throw ShapeError("y is not a maximum of x");
    return x;
  }
  template <class T>
  void Forward(const Tensor& x, const Tensor& y, absl::Span<T> w) const {
    if (w.empty()) return;
    const kernels::BroadcastPlan plan(x.shape().dims(), y.shape().dims(),
                                      x.shape().dims());
    kernels::BroadcastZip(plan, x.data<T>().data(), y.data<T>().data(),
                          w.data(), [](T u, T v) { return T(u == v); });
    PooledVector<T> count(y.size());
    const Tensor mask = FromSpan<T>(x.shape(), w);
    ReduceForward(mask, axes, absl::MakeSpan(count), kernels::SumAxis<T>);
    kernels::BroadcastZip(plan, mask.data<T>().data(), count.data(), w.data(),
                          [](T u, T n) { return n > 0 ? u / n : T(0); });
  }
  static std::vector<Example<MaxWeightsOp>> Examples() {
    return {
        {.op = {0b10}, .inputs = {Distinct({2, 3}), Distinct({2, 1})}},
        {.op = {0b1},
         .inputs = {Distinct({2}), Distinct({2})},
         .error = "y is not a maximum of x"},
    };
  }
};

// y = max of x over axes
struct MaxOp {
  ReducedAxes over = {};
  static constexpr auto kName = "max", kDoc = "y = max of x over axes";
  static constexpr Save kSave = Save::kOutput | Save::kInputs;
  Shape Infer(const Shape& x) const {
    const Shape y = over.Of(x);
    if (x.size() == 0 && y.size() > 0) {
      throw ShapeError("no maximum of no elements");
    }
    return y;
  }
  template <class T>
  void Forward(const Tensor& x, absl::Span<T> y) const {
    ReduceForward(x, over.axes, y, kernels::MaxAxis<T>);
  }
  Tensor Vjp(const Tensor& dy, const Tensor& y, const Tensor& x) const {
    return over.Aligned(dy, x.shape()) *
           Apply(MaxWeightsOp{over.axes}, x, over.Aligned(y, x.shape()));
  }
  double Flops(const Shape& x) const { return static_cast<double>(x.size()); }
  static std::vector<Example<MaxOp>> Examples() {
    return {
        {.op = {{0b1}}, .inputs = {Distinct({5})}},
        {.op = {{0b11}}, .inputs = {Distinct({3, 4})}},
        {.op = {{0b01}}, .inputs = {Distinct({3, 4})}},
        {.op = {{0b10, true}}, .inputs = {Distinct({3, 4})}},
        {.op = {{0b101}}, .inputs = {Distinct({2, 3, 4})}},
        {.op = {}, .inputs = {Distinct({})}},
        {.op = {{0b10}}, .inputs = {Distinct({0, 3})}},
        {.op = {{0b10}}, .inputs = {Distinct({512, 1024})}, .timed = true},
        {.op = {{0b1}},
         .inputs = {Distinct({0, 3})},
         .error = "no maximum of no elements"},
    };
  }
};

template <class ReduceOp>
Tensor Reduce(const Tensor& x, absl::Span<const int> axes,
              ReduceOptions options) {
  ReducedAxes over = {.keepdims = options.keepdims};
  try {
    over.axes = AxesOf(axes, x.rank());
  } catch (const ShapeError& e) {
    throw ShapeError(Explain(ReduceOp::kName, e.what(), {&x}));
  }
  return Apply(ReduceOp{over}, x);
}

}  // namespace

Tensor Sum(const Tensor& x) { return Sum(x, AllAxes(x)); }
Tensor Sum(const Tensor& x, absl::Span<const int> axes, ReduceOptions options) {
  return Reduce<SumOp>(x, axes, options);
}

Tensor Mean(const Tensor& x) { return Mean(x, AllAxes(x)); }
Tensor Mean(const Tensor& x, absl::Span<const int> axes,
            ReduceOptions options) {
  const Tensor sum = Sum(x, axes, options);
  if (x.size() == 0 && sum.size() > 0) {
    throw ShapeError(Explain("mean", "no mean of no elements", {&x}));
  }
  return sum.size() == 0 ? sum
                         : sum * (static_cast<double>(sum.size()) /
                                  static_cast<double>(x.size()));
}

Tensor Max(const Tensor& x) { return Max(x, AllAxes(x)); }
Tensor Max(const Tensor& x, absl::Span<const int> axes, ReduceOptions options) {
  return Reduce<MaxOp>(x, axes, options);
}

Tensor SumTo(const Tensor& x, const Shape& shape) {
  if (x.shape() == shape) return x;
  if (BroadcastShapes(x.shape(), shape) != x.shape()) {
    throw ShapeError(Explain(
        "sum_to",
        absl::StrCat(shape.ToString(), " does not broadcast to the operand"),
        {&x}));
  }
  ReducedAxes over;
  for (int i = 1; i <= x.rank(); ++i) {
    const bool stretched =
        i <= shape.rank() && shape[-i] == 1 && x.shape()[-i] != 1;
    over.axes[x.rank() - i] = stretched || i > shape.rank();
    over.keepdims = over.keepdims || stretched;
  }
  const Tensor y = over.axes.none() ? x : Apply(SumOp{over}, x);
  return y.shape() == shape ? y : Reshape(y, shape);
}

}  // namespace adjoint
