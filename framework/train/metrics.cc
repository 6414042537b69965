#include "framework/train/metrics.h"

#include <cmath>
#include <limits>

#include "framework/core/node.h"
#include "framework/data/batches.h"
#include "framework/ops/loss.h"

namespace adjoint::train {
namespace {

template <class T>
int64_t ArgMax(const T* x, int64_t n) {
  int64_t best = 0;
  for (int64_t i = 1; i < n && !std::isnan(x[best]); ++i) {
    if (x[i] > x[best] || std::isnan(x[i])) best = i;
  }
  return best;
}

double Ratio(double sum, int64_t n) {
  return n == 0 ? std::numeric_limits<double>::quiet_NaN()
                : sum / static_cast<double>(n);
}

}  // namespace

Tensor ClassificationLoss(const Tensor& output, const Tensor& target) {
  return SoftmaxCrossEntropy(output, target);
}

void Metrics::Add(double loss, const Tensor& output, const Tensor& target) {
  const int64_t n = output.rank() == 0 ? 1 : output.shape()[0];
  examples_ += n;
  loss_sum_ += loss * static_cast<double>(n);
  if (target.dtype() != DType::kI32 || output.rank() != 2 ||
      target.shape() != Shape({n})) {
    return;
  }
  classified_ += n;
  const int64_t classes = output.shape()[1];
  const absl::Span<const int32_t> labels = target.data<int32_t>();
  VisitFloat(output.dtype(), [&](auto zero) {
    const auto* x = output.data<decltype(zero)>().data();
    for (int64_t i = 0; i < n; ++i) {
      correct_ += ArgMax(x + i * classes, classes) == labels[i];
    }
  });
}

double Metrics::loss() const { return Ratio(loss_sum_, examples_); }

double Metrics::accuracy() const {
  return Ratio(static_cast<double>(correct_), classified_);
}

Metrics Evaluate(const nn::Layer& model, const data::Dataset& dataset,
                 const LossFunction& loss, int64_t batch_size) {
  NoGrad no_grad;
  Metrics metrics;
  const data::Batches batches(dataset, {.size = batch_size, .shuffle = false});
  for (const data::Batch& batch : batches.Epoch(0)) {
    const Tensor output = model(batch.x);
    metrics.Add(loss(output, batch.y).item(), output, batch.y);
  }
  return metrics;
}

}  // namespace adjoint::train
