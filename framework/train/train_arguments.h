// What Train requires of what it is given.
#ifndef ADJOINT_FRAMEWORK_TRAIN_TRAIN_ARGUMENTS_H_
#define ADJOINT_FRAMEWORK_TRAIN_TRAIN_ARGUMENTS_H_

#include "absl/strings/string_view.h"
#include "framework/core/tensor.h"
#include "framework/data/dataset.h"
#include "framework/train/train.h"

namespace adjoint::train {

// Throws ValueError for options out of range.
void CheckOptions(const TrainOptions& options);

// Throws ValueError if `dataset`, the "training" or the "test" data, has no
// examples.
void CheckHasExamples(const data::Dataset& dataset, absl::string_view kind);

// The value of a loss. Throws ShapeError unless it is one element.
double LossValue(const Tensor& loss);

}  // namespace adjoint::train

#endif  // ADJOINT_FRAMEWORK_TRAIN_TRAIN_ARGUMENTS_H_
