// How good a model is.
#ifndef ADJOINT_FRAMEWORK_TRAIN_METRICS_H_
#define ADJOINT_FRAMEWORK_TRAIN_METRICS_H_

#include <cstdint>
#include <functional>

#include "framework/core/tensor.h"
#include "framework/data/dataset.h"
#include "framework/nn/module.h"

namespace adjoint::train {

// From a model's output and the targets of a batch to the mean loss, a tensor
// of one element.
using LossFunction =
    std::function<Tensor(const Tensor& output, const Tensor& target)>;

// The mean softmax cross entropy: the loss where no other is named.
Tensor ClassificationLoss(const Tensor& output, const Tensor& target);

// Loss and accuracy over any number of batches.
class Metrics {
 public:
  // Adds a batch: its mean loss, the model's output [n, classes] and the
  // targets, i32 [n]. Accuracy counts the examples whose largest output is that
  // of the target; of equal outputs the first counts as the largest, and NaN as
  // larger than any number. Other targets leave it out.
  void Add(double loss, const Tensor& output, const Tensor& target);

  int64_t examples() const { return examples_; }
  double loss() const;      // The mean over the examples; NaN without any.
  double accuracy() const;  // In [0, 1]; NaN without any.

 private:
  int64_t examples_ = 0;
  int64_t classified_ = 0;
  int64_t correct_ = 0;
  double loss_sum_ = 0;
};

// The model's loss and accuracy over all of `dataset`, without training. The
// data set is read in its own order, `batch_size` examples at a time.
Metrics Evaluate(const nn::Layer& model, const data::Dataset& dataset,
                 const LossFunction& loss = ClassificationLoss,
                 int64_t batch_size = 1000);

}  // namespace adjoint::train

#endif  // ADJOINT_FRAMEWORK_TRAIN_METRICS_H_
