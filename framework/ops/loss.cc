// Each loss is an op of the single examples, which the ops of reduce.h sum.
#include "framework/ops/loss.h"

#include <array>
#include <vector>

#include "absl/types/span.h"
#include "framework/core/op.h"
#include "framework/kernels/elementwise.h"
#include "framework/kernels/softmax.h"
#include "framework/ops/arithmetic.h"
#include "framework/ops/check_indices.h"
#include "framework/ops/reduce.h"
#include "framework/ops/shape.h"
#include "framework/ops/softmax.h"

namespace adjoint {
namespace {

void CheckShapes(const Shape& logits, const Shape& labels) {
  if (logits.rank() == 0) throw ShapeError("logits have no axis of classes");
  if (logits.Without(-1) != labels) {
    throw ShapeError("labels must have the axes of logits but the last");
  }
}

// dx[c] = dy (softmax(x)[c] - [c = label])
struct SoftmaxCrossEntropyGradOp {
  static constexpr auto kName = "softmax_cross_entropy_grad",
                        kDoc = "dx[c] = dy (softmax(x)[c] - [c = label])";
  static constexpr std::array kTakes = {Takes::kFloat, Takes::kFloat,
                                        Takes::kIndex};
  static constexpr Save kSave = Save::kInputs;
  Shape Infer(const Shape& dy, const Shape& x, const Shape& labels) const {
    CheckShapes(x, labels);
    if (dy != labels) throw ShapeError("dy must have the shape of labels");
    return x;
  }
  void Check(const Tensor&, const Tensor& x, const Tensor& labels) const {
    CheckIndices(labels, x.shape()[-1], "label");
  }
  template <class T>
  void Forward(const Tensor& dy, const Tensor& x, const Tensor& labels,
               absl::Span<T> dx) const {
    kernels::CrossEntropyGrad(dy.data<T>().data(), x.data<T>().data(),
                              labels.data<int32_t>().data(), labels.size(),
                              x.shape()[-1], dx.data());
  }
  std::array<Tensor, 3> Vjp(const Tensor& g, const Tensor&, const Tensor& dy,
                            const Tensor& x, const Tensor& labels,
                            std::array<bool, 3> needs) const {
    Tensor g_dy, g_x;
    if (needs[0]) {
      const Tensor one = Ones(dy.shape(), dy.dtype());
      g_dy = Sum(g * Apply(SoftmaxCrossEntropyGradOp{}, one, x, labels), {-1});
    }
    if (needs[1]) {
      const Tensor p = Softmax(x);
      const Tensor dp = g * Reshape(dy, x.shape().With(-1, 1));
      g_x = p * (dp - Sum(dp * p, {-1}, {.keepdims = true}));
    }
    return {g_dy, g_x, Tensor()};
  }
  static std::vector<Example<SoftmaxCrossEntropyGradOp>> Examples() {
    return {
        {.inputs = {Real({3}), Real({3, 4}), Index({3}, 4)}},
        {.inputs = {Real({}), Real({5}), Index({}, 5)}},
        {.inputs = {Real({2, 3}), Real({2, 3, 2}), Index({2, 3}, 2)}},
        {.inputs = {Real({0}), Real({0, 4}), Index({0}, 4)}},
        {.inputs = {Real({512}), Real({512, 1024}), Index({512}, 1024)},
         .timed = true},
        {.inputs = {Real({1}), Real({3, 4}), Index({3}, 4)},
         .error = "dy must have the shape of labels"},
        {.inputs = {Real({3}), Real({3, 0}), Index({3}, 1)},
         .error = "label 0 at [0] is not in [0, 0)"},
    };
  }
};

// y = log(sum over c of e^x[c]) - x[label]
struct SoftmaxCrossEntropyOp {
  static constexpr auto kName = "softmax_cross_entropy",
                        kDoc = "y = log(sum of e^x) - x[label]";
  static constexpr std::array kTakes = {Takes::kFloat, Takes::kIndex};
  static constexpr Save kSave = Save::kInputs;
  Shape Infer(const Shape& x, const Shape& labels) const {
    CheckShapes(x, labels);
    return labels;
  }
  void Check(const Tensor& x, const Tensor& labels) const {
    CheckIndices(labels, x.shape()[-1], "label");
  }
  template <class T>
  void Forward(const Tensor& x, const Tensor& labels, absl::Span<T> y) const {
    kernels::CrossEntropy(x.data<T>().data(), labels.data<int32_t>().data(),
                          labels.size(), x.shape()[-1], y.data());
  }
  std::array<Tensor, 2> Vjp(const Tensor& dy, const Tensor&, const Tensor& x,
                            const Tensor& labels) const {
    return {Apply(SoftmaxCrossEntropyGradOp{}, dy, x, labels), Tensor()};
  }
  double Flops(const Shape& x, const Shape&) const {
    return 2. * static_cast<double>(x.size());
  }
  static std::vector<Example<SoftmaxCrossEntropyOp>> Examples() {
    return {
        {.inputs = {Real({3, 4}), Index({3}, 4)}},
        {.inputs = {Real({5}), Index({}, 5)}},
        {.inputs = {Real({2, 3, 2}), Index({2, 3}, 2)}},
        {.inputs = {Real({4, 1}), Index({4}, 1)}},
        {.inputs = {Real({0, 4}), Index({0}, 4)}},
        {.inputs = {Real({128, 10}), Index({128}, 10)}, .timed = true},
        {.inputs = {Real({512, 1024}), Index({512}, 1024)}, .timed = true},
        {.inputs = {Real({}), Index({}, 4)},
         .error = "logits have no axis of classes"},
        {.inputs = {Real({3, 4}), Index({4}, 4)},
         .error = "labels must have the axes of logits but the last"},
        {.inputs = {Real({3, 4}), Index({3, 1}, 4)},
         .error = "labels must have the axes of logits but the last"},
        {.inputs = {Real({2, 3, 0}), Index({2, 3}, 1)},
         .error = "label 0 at [0,0] is not in [0, 0)"},
        {.inputs = {Real({3, 4}), Real({3})}, .error = "operand 1 must be i32"},
    };
  }
};

// y = (prediction - target)^2
struct SquaredErrorOp {
  static constexpr auto kName = "squared_error",
                        kDoc = "y = (prediction - target)^2";
  static constexpr Save kSave = Save::kInputs;
  Shape Infer(const Shape& prediction, const Shape& target) const {
    if (prediction != target) {
      throw ShapeError("prediction and target differ in shape");
    }
    return target;
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
    const Tensor d = 2 * dy * (prediction - target);
    return {d, needs[1] ? -d : Tensor()};
  }
  double Flops(const Shape& prediction, const Shape&) const {
    return 2. * static_cast<double>(prediction.size());
  }
  static std::vector<Example<SquaredErrorOp>> Examples() {
    return {
        {.inputs = {Real({3, 4}), Real({3, 4})}},
        {.inputs = {Real({}), Real({})}},
        {.inputs = {Real({2, 1, 5}), Real({2, 1, 5})}},
        {.inputs = {Real({0, 2}), Real({0, 2})}},
        {.inputs = {Real({512, 1024}), Real({512, 1024})}, .timed = true},
        {.inputs = {Real({4, 1}), Real({4})},
         .error = "prediction and target differ in shape"},
    };
  }
};

}  // namespace

Tensor SoftmaxCrossEntropy(const Tensor& logits, const Tensor& labels,
                           CrossEntropyOptions options) {
  Tensor losses = Apply(SoftmaxCrossEntropyOp{}, logits, labels);
  switch (options.reduction) {
    case Reduction::kNone:
      return losses;
    case Reduction::kSum:
      return Sum(losses);
    default:
      if (losses.size() > 0) return Mean(losses);
      throw ShapeError(Explain(SoftmaxCrossEntropyOp::kName,
                               "mean of an empty batch", {&logits, &labels}));
  }
}

Tensor MeanSquaredError(const Tensor& prediction, const Tensor& target) {
  return Mean(Apply(SquaredErrorOp{}, prediction, target));
}

}  // namespace adjoint
