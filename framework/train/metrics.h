// How good a model is.
#ifndef ADJOINT_FRAMEWORK_TRAIN_METRICS_H_
#define ADJOINT_FRAMEWORK_TRAIN_METRICS_H_

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "framework/core/tensor.h"
#include "framework/data/dataset.h"
#include "framework/nn/module.h"
#include "framework/train/objective.h"

namespace adjoint::train {

struct NamedValue {
  std::string name;
  double value;
};

// Loss and accuracy over any number of batches.
class Metrics {
 public:
  // All that it keeps.
  struct Sums {
    int64_t examples = 0;
    int64_t classified = 0;  // Those that have an accuracy,
    int64_t correct = 0;     // and of these the ones that were right.
    double loss = 0;
    std::vector<NamedValue> parts = {};
  };

  Metrics() = default;
  explicit Metrics(Sums sums) : sums_(std::move(sums)) {}
  const Sums& sums() const { return sums_; }

  // Adds a batch of as many examples as the output has rows. Accuracy is for
  // outputs [n, classes] with targets i32 [n]: it counts the examples whose
  // largest output is that of the target; of equal outputs the first counts as
  // the largest, and NaN as larger than any number. Other targets, or none,
  // leave it out.
  void Add(const Outcome& outcome);

  int64_t examples() const { return sums_.examples; }
  double loss() const;      // The mean over the examples; NaN without any.
  double accuracy() const;  // In [0, 1]; NaN without any.

  // The means of the loss's parts, in the order of the first batch.
  std::vector<NamedValue> parts() const;

 private:
  void AddAccuracy(const Tensor& output, const Tensor& target);

  Sums sums_;
};

// A number of a model's own that says how good it is: "bits/char", say.
struct Metric {
  std::string name;
  std::string unit;  // Behind the value; may be empty.
  // A function of `metrics` alone: it is asked for earlier epochs again. What
  // depends on the model as it is then is a part of the objective's outcome.
  std::function<double(const Metrics& metrics)> value;
  bool higher_is_better = false;
  // Whether it says nothing of a training, whose loss is another one than the
  // test's: the log has it of the test alone then.
  bool test_only = false;
};

// Told of each batch of an evaluation, in order.
using OnEvaluated =
    std::function<void(const data::Batch& batch, const Outcome& outcome)>;

struct EvaluateOptions {
  int64_t batch_size = 250;  // At least 1.
  OnEvaluated on_batch;      // Null means nobody.
};

// The outcome over all of `dataset`, without training. The data set is read in
// its own order; random numbers, where the objective takes any, are the same in
// each call.
Metrics Evaluate(const Objective& objective, const data::Dataset& dataset,
                 const EvaluateOptions& options = {});

// The same for a model with a loss.
Metrics Evaluate(const nn::Layer& model, const data::Dataset& dataset,
                 const LossFunction& loss = ClassificationLoss,
                 const EvaluateOptions& options = {});

}  // namespace adjoint::train

#endif  // ADJOINT_FRAMEWORK_TRAIN_METRICS_H_
