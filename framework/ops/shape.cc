#include "framework/ops/shape.h"

#include <algorithm>
#include <array>
#include <functional>
#include <numeric>
#include <optional>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/types/span.h"
#include "framework/base/error.h"
#include "framework/core/op.h"
#include "framework/kernels/broadcast.h"
#include "framework/kernels/transpose.h"

namespace adjoint {
namespace {

// y[i] = x[i], by flat index
struct ReshapeOp {
  Shape shape;
  int free = -1;  // The axis whose extent is free, 1 in `shape`; or none.
  static constexpr auto kName = "reshape", kDoc = "y = x in another shape";
  static constexpr Save kSave = Save::kNothing;
  static constexpr std::array kTakes = {Takes::kAny};
  Shape Infer(const Shape& x) const {
    const int64_t size = shape.size();
    if (free < 0) {
      if (size == x.size()) return shape;
      throw ShapeError(absl::StrCat("sizes differ: ", x.size(),
                                    " elements into ", shape.ToString()));
    }
    if (size == 0) throw ShapeError("the extent of axis -1 could be any");
    if (x.size() % size == 0) return shape.With(free, x.size() / size);
    throw ShapeError(absl::StrCat("sizes differ: ", x.size(),
                                  " elements are not a multiple of ", size));
  }
  int64_t Offset(const Shape&) const { return 0; }
  Tensor Vjp(const Tensor& dy, const Tensor&, const Tensor& x) const {
    return Reshape(dy, x.shape());
  }
  double Flops(const Shape&) const { return 0; }
  static std::vector<Example<ReshapeOp>> Examples() {
    return {
        {.op = {{3, 2}}, .inputs = {Real({2, 3})}},
        {.op = {{}}, .inputs = {Real({1, 1})}},
        {.op = {{1}}, .inputs = {Real({})}},
        {.op = {{4, 1, 6}, 1}, .inputs = {Real({2, 3, 8})}},
        {.op = {{0, 5}}, .inputs = {Real({3, 0})}},
        {.op = {{1024, 512}}, .inputs = {Real({512, 1024})}, .timed = true},
        {.op = {{3, 3}},
         .inputs = {Real({2, 3})},
         .error = "sizes differ: 6 elements into [3,3]"},
        {.op = {{4, 1}, 1},
         .inputs = {Real({2, 3})},
         .error = "sizes differ: 6 elements are not a multiple of 4"},
        {.op = {{0, 1}, 1},
         .inputs = {Real({0, 3})},
         .error = "the extent of axis -1 could be any"},
    };
  }
};

// y[i] = x[i where x is longer than 1, else 0]
struct BroadcastToOp {
  Shape shape;
  static constexpr auto kName = "broadcast_to", kDoc = "y = x, repeated";
  static constexpr Save kSave = Save::kNothing;
  static constexpr std::array kTakes = {Takes::kAny};
  Shape Infer(const Shape& x) const {
    const std::optional<Shape> both = BroadcastShapes(x, shape);
    if (both && *both == shape) return shape;
    throw ShapeError(
        absl::StrCat("the shape does not broadcast to ", shape.ToString()));
  }
  template <class T>
  void Forward(const Tensor& x, absl::Span<T> y) const {
    if (y.empty()) return;
    const T* const data = x.data<T>().data();
    // The second input of the loop nest stands still.
    kernels::BroadcastZip(
        kernels::BroadcastPlan(x.shape().dims(), {}, shape.dims()), data, data,
        y.data(), [](T u, T) { return u; });
  }
  Tensor Vjp(const Tensor& dy, const Tensor&, const Tensor&) const {
    return dy;
  }
  double Flops(const Shape&) const { return 0; }
  static std::vector<Example<BroadcastToOp>> Examples() {
    return {
        {.op = {{2, 3}}, .inputs = {Real({3})}},
        {.op = {{2, 3}}, .inputs = {Real({2, 1})}},
        {.op = {{4, 2, 3, 5}}, .inputs = {Real({2, 1, 5})}},
        {.op = {{}}, .inputs = {Real({})}},
        {.op = {{3, 2}}, .inputs = {Real({})}},
        {.op = {{0, 3}}, .inputs = {Real({1, 3})}},
        {.op = {{512, 1024}}, .inputs = {Real({1024})}, .timed = true},
        {.op = {{512, 1024}}, .inputs = {Real({512, 1})}, .timed = true},
        {.op = {{2, 4}},
         .inputs = {Real({2, 3})},
         .error = "the shape does not broadcast to [2,4]"},
        {.op = {{3}},
         .inputs = {Real({2, 3})},
         .error = "the shape does not broadcast to [3]"},
    };
  }
};

// Of any number, for a wrong one is for Infer to refuse.
using AxisList = absl::InlinedVector<int, Shape::kMaxRank>;

// y[i] = x[j] with j[axes[k]] = i[k]
struct TransposeOp {
  AxisList axes;
  static constexpr auto kName = "transpose", kDoc = "y = x, axes reordered";
  static constexpr Save kSave = Save::kNothing;
  static constexpr std::array kTakes = {Takes::kAny};
  Shape Infer(const Shape& x) const {
    absl::InlinedVector<int64_t, Shape::kMaxRank> dims;
    absl::InlinedVector<bool, Shape::kMaxRank> seen(x.rank());
    for (int axis : axes) {
      axis = x.Axis(axis);
      if (seen[axis]) break;
      seen[axis] = true;
      dims.push_back(x[axis]);
    }
    if (dims.size() != seen.size() || axes.size() != seen.size()) {
      throw ShapeError(absl::StrCat("axes [", absl::StrJoin(axes, ","),
                                    "] do not name each of ", x.rank(),
                                    " axes once"));
    }
    return Shape(dims);
  }
  template <class T>
  void Forward(const Tensor& x, absl::Span<T> y) const {
    AxisList from_front;
    for (int axis : axes) from_front.push_back(x.shape().Axis(axis));
    kernels::Transpose(x.data<T>().data(), x.shape().dims(), from_front,
                       y.data());
  }
  Tensor Vjp(const Tensor& dy, const Tensor&, const Tensor& x) const {
    AxisList inverse(axes.size());
    for (size_t i = 0; i < axes.size(); ++i) {
      inverse[x.shape().Axis(axes[i])] = static_cast<int>(i);
    }
    return Transpose(dy, inverse);
  }
  double Flops(const Shape&) const { return 0; }
  static std::vector<Example<TransposeOp>> Examples() {
    return {
        {.op = {{1, 0}}, .inputs = {Real({3, 4})}},
        {.op = {{}}, .inputs = {Real({})}},
        {.op = {{2, 0, 1}}, .inputs = {Real({2, 3, 4})}},
        {.op = {{0, -1, 1}}, .inputs = {Real({2, 3, 4})}},
        {.op = {{1, 0}}, .inputs = {Real({0, 3})}},
        {.op = {{1, 0}}, .inputs = {Real({1024, 1024})}, .timed = true},
        {.op = {{0, 2, 1, 3}},
         .inputs = {Real({32, 64, 8, 64})},
         .timed = true},
        {.op = {{0}},
         .inputs = {Real({2, 3})},
         .error = "axes [0] do not name each of 2 axes once"},
        {.op = {{1, -1}},
         .inputs = {Real({2, 3})},
         .error = "axes [1,-1] do not name each of 2 axes once"},
        {.op = {{0, 2}},
         .inputs = {Real({2, 3})},
         .error = "axis 2 is out of range for rank 2"},
    };
  }
};

}  // namespace

Tensor Reshape(const Tensor& x, const Shape& shape) {
  return Apply(ReshapeOp{shape}, x);
}

Tensor Reshape(const Tensor& x, std::initializer_list<int64_t> extents) {
  absl::InlinedVector<int64_t, Shape::kMaxRank> dims(extents);
  const auto free = std::find(dims.begin(), dims.end(), -1);
  if (free == dims.end()) return Reshape(x, Shape(dims));
  *free = 1;
  return Apply(ReshapeOp{Shape(dims), static_cast<int>(free - dims.begin())},
               x);
}

Tensor Flatten(const Tensor& x, int first_axis) {
  const absl::Span<const int64_t> dims = x.shape().dims();
  const auto first = dims.begin() + x.shape().Axis(first_axis);
  absl::InlinedVector<int64_t, Shape::kMaxRank> flat(dims.begin(), first);
  flat.push_back(
      std::accumulate(first, dims.end(), int64_t{1}, std::multiplies<>()));
  return Reshape(x, Shape(flat));
}

Tensor Transpose(const Tensor& x) {
  // Two axes at least, so that a lower rank is refused.
  AxisList axes(std::max(x.rank(), 2));
  std::iota(axes.begin(), axes.end(), 0);
  std::iter_swap(axes.end() - 1, axes.end() - 2);
  return Transpose(x, axes);
}

Tensor Transpose(const Tensor& x, absl::Span<const int> axes) {
  return Apply(TransposeOp{{axes.begin(), axes.end()}}, x);
}

Tensor BroadcastTo(const Tensor& x, const Shape& shape) {
  return x.shape() == shape ? x : Apply(BroadcastToOp{shape}, x);
}

}  // namespace adjoint
