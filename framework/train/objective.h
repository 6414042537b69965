// What is made small by training: a function of a batch.
#ifndef ADJOINT_FRAMEWORK_TRAIN_OBJECTIVE_H_
#define ADJOINT_FRAMEWORK_TRAIN_OBJECTIVE_H_

#include <functional>
#include <string>
#include <vector>

#include "framework/core/tensor.h"
#include "framework/data/dataset.h"
#include "framework/nn/module.h"

namespace adjoint::train {

// A term of a loss, to be watched by itself: one element.
struct LossPart {
  std::string name;
  Tensor value;
};

// What a model makes of a batch.
struct Outcome {
  Tensor loss;    // The mean over the batch: one element.
  Tensor output;  // [n, ...], what Metrics counts and compares.
  Tensor target;  // What the output should be; may be undefined.
  std::vector<LossPart> parts = {};
};

// In a training pass the loss leads to a graph and is differentiated; in any
// other the result is for looking at. The random numbers are the pass's.
using Objective =
    std::function<Outcome(const data::Batch& batch, const nn::Pass& pass)>;

// From a model's output and the targets of a batch to the mean loss, a tensor
// of one element.
using LossFunction =
    std::function<Tensor(const Tensor& output, const Tensor& target)>;

// The mean softmax cross entropy: the loss where no other is named. output
// [..., classes]; target labels [...] i32, or probabilities [..., classes].
// Throws as SoftmaxCrossEntropy, and ValueError where another loss was meant,
// as for regression: for a single class, which is always right, and for targets
// that are below 0 or sum to something else than 1, by more than 1e-3.
Tensor ClassificationLoss(const Tensor& output, const Tensor& target);

// loss(model(x), y): learning from examples. `model` must outlive the result.
Objective Supervised(const nn::Layer& model,
                     LossFunction loss = ClassificationLoss);

}  // namespace adjoint::train

#endif  // ADJOINT_FRAMEWORK_TRAIN_OBJECTIVE_H_
