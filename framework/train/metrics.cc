#include "framework/train/metrics.h"

#include <cmath>

#include "framework/base/error.h"
#include "framework/core/node.h"
#include "framework/data/batches.h"
#include "framework/train/arg_max.h"
#include "framework/train/mean.h"

namespace adjoint::train {

void Metrics::Add(const Outcome& outcome) {
  const Tensor& output = outcome.output;
  const int64_t n = output.rank() == 0 ? 1 : output.shape()[0];
  const double weight = static_cast<double>(n);
  sums_.examples += n;
  sums_.loss += outcome.loss.item() * weight;
  sums_.parts.resize(outcome.parts.size());
  for (size_t i = 0; i < outcome.parts.size(); ++i) {
    const auto& [name, value] = outcome.parts[i];
    if (sums_.parts[i].name != name) sums_.parts[i] = {name, 0};
    sums_.parts[i].value += value.item() * weight;
  }
  if (outcome.target.defined()) AddAccuracy(output, outcome.target);
}

void Metrics::AddAccuracy(const Tensor& output, const Tensor& target) {
  if (target.dtype() != DType::kI32 || output.rank() != 2 ||
      target.shape() != Shape({output.shape()[0]})) {
    return;
  }
  const int64_t n = output.shape()[0], classes = output.shape()[1];
  sums_.classified += n;
  const absl::Span<const int32_t> labels = target.data<int32_t>();
  VisitFloat(output.dtype(), [&](auto zero) {
    const auto* x = output.data<decltype(zero)>().data();
    for (int64_t i = 0; i < n; ++i) {
      sums_.correct += ArgMax(x + i * classes, classes) == labels[i];
    }
  });
}

double Metrics::loss() const { return MeanOf(sums_.loss, sums_.examples); }

double Metrics::accuracy() const {
  return MeanOf(static_cast<double>(sums_.correct), sums_.classified);
}

std::vector<NamedValue> Metrics::parts() const {
  std::vector<NamedValue> means = sums_.parts;
  for (NamedValue& part : means)
    part.value = MeanOf(part.value, sums_.examples);
  return means;
}

Metrics Evaluate(const Objective& objective, const data::Dataset& dataset,
                 const EvaluateOptions& options) {
  NoGrad no_grad;
  Rng rng(0);
  const nn::Pass pass = {.training = false, .rng = &rng};
  Metrics metrics;
  const data::Batches batches(dataset,
                              {.size = options.batch_size, .shuffle = false});
  for (const data::Batch& batch : batches.Epoch(0)) {
    const Outcome outcome = objective(batch, pass);
    metrics.Add(outcome);
    if (options.on_batch) options.on_batch(batch, outcome);
  }
  return metrics;
}

Metrics Evaluate(const nn::Layer& model, const data::Dataset& dataset,
                 const LossFunction& loss, const EvaluateOptions& options) {
  return Evaluate(Supervised(model, loss), dataset, options);
}

}  // namespace adjoint::train
