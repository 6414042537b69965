#include "framework/ops/softmax.h"

#include <vector>

#include "absl/types/span.h"
#include "framework/core/op.h"
#include "framework/kernels/softmax.h"
#include "framework/ops/arithmetic.h"
#include "framework/ops/elementwise.h"
#include "framework/ops/reduce.h"

namespace adjoint {
namespace {

// y = kernel(x) along `axis`, x seen as [outer, n, inner].
template <class T, class Kernel>
void ForwardAlong(int axis, const Tensor& x, absl::Span<T> y, Kernel kernel) {
  const Shape& shape = x.shape();
  const int at = shape.Axis(axis);
  int64_t outer = 1, inner = 1;
  for (int i = 0; i < at; ++i) outer *= shape[i];
  for (int i = at + 1; i < shape.rank(); ++i) inner *= shape[i];
  kernel(x.data<T>().data(), outer, shape[at], inner, y.data());
}

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

// y = e^x / sum of e^x along axis
struct SoftmaxOp {
  int axis = -1;
  static constexpr auto kName = "softmax",
                        kDoc = "y = e^x / (sum of e^x along axis)";
  static constexpr Save kSave = Save::kOutput;
  Shape Infer(const Shape& x) const { return x.Axis(axis), x; }
  template <class T>
  void Forward(const Tensor& x, absl::Span<T> y) const {
    ForwardAlong(axis, x, y, kernels::Softmax<T>);
  }
  Tensor Vjp(const Tensor& dy, const Tensor& y, const Tensor&) const {
    return y * (dy - Sum(dy * y, {axis}, {.keepdims = true}));
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
    ForwardAlong(axis, x, y, kernels::LogSoftmax<T>);
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
