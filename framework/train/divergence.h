// Where a training that diverged went wrong.
#ifndef ADJOINT_FRAMEWORK_TRAIN_DIVERGENCE_H_
#define ADJOINT_FRAMEWORK_TRAIN_DIVERGENCE_H_

#include <string>

#include "framework/base/rng.h"
#include "framework/data/dataset.h"
#include "framework/nn/module.h"
#include "framework/train/objective.h"

namespace adjoint::train {

// Computes the gradient of `batch` again, with `rng` as it was the first time,
// and tells the first op whose result was not finite, its module and what it
// was given, in lines as NanTracer gives them. Empty if all were finite.
std::string FirstNonFinite(const nn::Module& model, const Objective& objective,
                           const data::Batch& batch, Rng rng);

}  // namespace adjoint::train

#endif  // ADJOINT_FRAMEWORK_TRAIN_DIVERGENCE_H_
