#include "framework/ops/softmax.h"

#include <array>
#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "framework/core/op.h"
#include "framework/kernels/softmax.h"
#include "framework/ops/arithmetic.h"
#include "framework/ops/elementwise.h"
#include "framework/ops/reduce.h"

namespace adjoint {
namespace {

// A shape as [outer, n, inner] with n along `axis`.
struct Along {
  Along(const Shape& shape, int axis) : n(shape[axis]) {
    const int at = shape.Axis(axis);
    for (int i = 0; i < at; ++i) outer *= shape[i];
    for (int i = at + 1; i < shape.rank(); ++i) inner *= shape[i];
  }
  int64_t outer = 1, n, inner = 1;
};

template <class OpT>
std::vector<Example<OpT>> AlongExamples() {
  return {
      {.inputs = {Real({3, 4})}},
      {.inputs = {Real({5})}},
      {.op = {.axis = 0}, .inputs = {Real({3, 4})}},
      {.op = {.axis = -2}, .inputs = {Real({2, 3, 4})}},
      {.op = {.axis = 1}, .inputs = {Real({2, 3, 70})}},
      {.inputs = {Real({4, 1})}},
      {.inputs = {Real({0, 3})}},
      {.inputs = {Real({3, 0})}},
      {.inputs = {Real({512, 1024})}, .timed = true},
      {.op = {.axis = 0}, .inputs = {Real({512, 1024})}, .timed = true},
      {.inputs = {Real({})}, .error = "axis -1 is out of range for rank 0"},
      {.op = {.axis = 2},
       .inputs = {Real({2, 3})},
       .error = "axis 2 is out of range for rank 2"},
  };
}

// dx = y (dy - sum of dy y along axis)
struct SoftmaxGradOp {
  int axis = -1;
  static constexpr auto kName = "softmax_grad",
                        kDoc = "dx = y (dy - (sum of dy y along axis))";
  static constexpr Save kSave = Save::kInputs;
  Shape Infer(const Shape& dy, const Shape& y) const {
    if (dy != y) throw ShapeError("dy and y differ in shape");
    return y.Axis(axis), y;
  }
  template <class T>
  void Forward(const Tensor& dy, const Tensor& y, absl::Span<T> dx) const {
    const Along along(y.shape(), axis);
    kernels::SoftmaxGrad(dy.data<T>().data(), y.data<T>().data(), along.outer,
                         along.n, along.inner, dx.data());
  }
  std::array<Tensor, 2> Vjp(const Tensor& g, const Tensor&, const Tensor& dy,
                            const Tensor& y, std::array<bool, 2> needs) const {
    const auto sum = [&](const Tensor& terms) {
      return Sum(terms, {axis}, {.keepdims = true});
    };
    return {needs[0] ? Apply(SoftmaxGradOp{axis}, g, y) : Tensor(),
            needs[1] ? g * (dy - sum(dy * y)) - dy * sum(g * y) : Tensor()};
  }
  static std::vector<Example<SoftmaxGradOp>> Examples() {
    std::vector<Example<SoftmaxGradOp>> all = AlongExamples<SoftmaxGradOp>();
    for (Example<SoftmaxGradOp>& of : all) {
      of.inputs = {of.inputs[0], of.inputs[0]};
    }
    all.push_back({.inputs = {Real({2, 3}), Real({3})},
                   .error = "dy and y differ in shape"});
    return all;
  }
};

// y = e^x / sum of e^x along axis
struct SoftmaxOp {
  int axis = -1;
  static constexpr auto kName = "softmax",
                        kDoc = "y = e^x / (sum of e^x along axis)";
  static constexpr Save kSave = Save::kOutput;
  Shape Infer(const Shape& x) const { return x.Axis(axis), x; }
  template <class T>
  void Forward(const Tensor& x, absl::Span<T> y) const {
    const Along along(x.shape(), axis);
    kernels::Softmax(x.data<T>().data(), along.outer, along.n, along.inner,
                     y.data());
  }
  Tensor Vjp(const Tensor& dy, const Tensor& y, const Tensor&) const {
    return Apply(SoftmaxGradOp{axis}, dy, y);
  }
  static std::vector<Example<SoftmaxOp>> Examples() {
    return AlongExamples<SoftmaxOp>();
  }
};

// y = x - log(sum of e^x along axis)
struct LogSoftmaxOp {
  int axis = -1;
  static constexpr auto kName = "log_softmax",
                        kDoc = "y = x - log(sum of e^x along axis)";
  static constexpr Save kSave = Save::kOutput;
  Shape Infer(const Shape& x) const { return x.Axis(axis), x; }
  template <class T>
  void Forward(const Tensor& x, absl::Span<T> y) const {
    const Along along(x.shape(), axis);
    kernels::LogSoftmax(x.data<T>().data(), along.outer, along.n, along.inner,
                        y.data());
  }
  Tensor Vjp(const Tensor& dy, const Tensor& y, const Tensor&) const {
    return dy - Exp(y) * Sum(dy, {axis}, {.keepdims = true});
  }
  static std::vector<Example<LogSoftmaxOp>> Examples() {
    return AlongExamples<LogSoftmaxOp>();
  }
};

}  // namespace

Tensor Softmax(const Tensor& x, int axis) { return Apply(SoftmaxOp{axis}, x); }
Tensor LogSoftmax(const Tensor& x, int axis) {
  return Apply(LogSoftmaxOp{axis}, x);
}

}  // namespace adjoint
