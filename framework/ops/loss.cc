// Each loss is an op of the single examples, which the ops of reduce.h sum.
#include "framework/ops/loss.h"

#include <algorithm>
#include <array>
#include <vector>

#include "absl/types/span.h"
#include "framework/base/parallel_for.h"
#include "framework/core/array.h"
#include "framework/core/op.h"
#include "framework/kernels/lanes.h"
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

// y = sum over c of t[c] (log(sum of e^x) - x[c])
struct SoftTargetCrossEntropyOp {
  static constexpr auto kName = "soft_target_cross_entropy",
                        kDoc = "y = sum of t (log(sum of e^x) - x)";
  static constexpr Save kSave = Save::kInputs;
  Shape Infer(const Shape& x, const Shape& t) const {
    if (x.rank() == 0) throw ShapeError("logits have no axis of classes");
    if (x != t) {
      throw ShapeError(
          "targets that are probabilities must have the shape of logits");
    }
    return x.Without(-1);
  }
  template <class T>
  void Forward(const Tensor& x, const Tensor& t, absl::Span<T> y) const {
    constexpr int64_t kGrain = 32 * 1024;
    const int64_t rows = y.size(), classes = x.shape()[-1];
    const Ref<Array> memory = Array::New(x.dtype(), x.shape());
    T* log_p = static_cast<T*>(memory->data());
    kernels::LogSoftmax(x.data<T>().data(), rows, classes, 1, log_p);
    ParallelFor(rows, std::max<int64_t>(1, kGrain / (classes + 1)),
                [&, target = t.data<T>().data()](int64_t begin, int64_t end) {
                  for (int64_t r = begin; r < end; ++r) {
                    y[r] = static_cast<T>(kernels::CombineInLanes(
                        classes, 0.0,
                        [&](int64_t c) {
                          const int64_t i = r * classes + c;
                          // A logit of -inf may well be right, but 0 inf is
                          // NaN.
                          return target[i] == 0 ? 0.0
                                                : -double{target[i]} * log_p[i];
                        },
                        [](double a, double b) { return a + b; }));
                  }
                });
  }
  std::array<Tensor, 2> Vjp(const Tensor& dy, const Tensor&, const Tensor& x,
                            const Tensor& t, std::array<bool, 2> needs) const {
    const Tensor d = Reshape(dy, x.shape().With(-1, 1));
    const auto dx = [&] {
      return d * (Sum(t, {-1}, {.keepdims = true}) * Softmax(x) - t);
    };
    return {needs[0] ? dx() : Tensor(),
            needs[1] ? -(d * LogSoftmax(x)) : Tensor()};
  }
  double Flops(const Shape& x, const Shape&) const {
    return 4. * static_cast<double>(x.size());
  }
  static std::vector<Example<SoftTargetCrossEntropyOp>> Examples() {
    return {
        {.inputs = {Real({3, 4}), Real({3, 4}, 0, 1)}},
        {.inputs = {Real({5}), Real({5}, 0, 1)}},
        {.inputs = {Real({2, 3, 2}), Real({2, 3, 2})}},
        {.inputs = {Real({4, 1}), Real({4, 1}, 0, 1)}},
        {.inputs = {Real({0, 4}), Real({0, 4})}},
        {.inputs = {Real({3, 0}), Real({3, 0})}},
        {.inputs = {Real({128, 10}), Real({128, 10}, 0, 1)}, .timed = true},
        {.inputs = {Real({512, 1024}), Real({512, 1024}, 0, 1)}, .timed = true},
        {.inputs = {Real({}), Real({})},
         .error = "logits have no axis of classes"},
        {.inputs = {Real({3, 4}), Real({1, 4})},
         .error =
             "targets that are probabilities must have the shape of logits"},
        {.inputs = {Real({3, 4}), Real({3})},
         .error =
             "targets that are probabilities must have the shape of logits"},
    };
  }
};

}  // namespace

Tensor SoftmaxCrossEntropy(const Tensor& logits, const Tensor& targets,
                           CrossEntropyOptions options) {
  const bool soft = targets.defined() && IsFloat(targets.dtype());
  Tensor losses = soft ? Apply(SoftTargetCrossEntropyOp{}, logits, targets)
                       : Apply(SoftmaxCrossEntropyOp{}, logits, targets);
  switch (options.reduction) {
    case Reduction::kNone:
      return losses;
    case Reduction::kSum:
      return Sum(losses);
    default:
      if (losses.size() > 0) return Mean(losses);
      throw ShapeError(Explain(
          soft ? SoftTargetCrossEntropyOp::kName : SoftmaxCrossEntropyOp::kName,
          "mean of an empty batch", {&logits, &targets}));
  }
}

}  // namespace adjoint
