// Where a training that diverged went wrong, and whose fault it is.
#ifndef ADJOINT_FRAMEWORK_TRAIN_DIVERGENCE_H_
#define ADJOINT_FRAMEWORK_TRAIN_DIVERGENCE_H_

#include <cstdint>
#include <string>

#include "absl/types/span.h"
#include "framework/base/rng.h"
#include "framework/data/dataset.h"
#include "framework/nn/module.h"
#include "framework/train/objective.h"

namespace adjoint::train {

enum class Blame {
  kData,      // An example of the batch has an element that is not finite.
  kModel,     // The weights are the initial ones, and the batch is finite.
  kTraining,  // Steps made the weights what they are.
};

// The step that could not be made.
struct DivergedStep {
  int64_t epoch = 0, step = 0;  // From 1.
  const data::Batch& batch;
  int64_t batches = 0;                   // In the epoch.
  absl::Span<const int64_t> rows;        // Of the batch in its data set.
  double loss = 0;                       // Of the batch, and if that is finite
  const Gradients* gradients = nullptr;  // its gradients, which are not.
  Rng rng;                               // As it was before the pass.
};

struct Divergence {
  Blame blame = Blame::kTraining;
  // What was not finite, where in the training, which examples are to blame if
  // any are, and the first op whose result was not finite with its module and
  // what it was given, in lines as NanTracer gives them:
  //
  //   the loss is nan in epoch 1, step 3 (batch 3 of 469)
  //     first op: linear in 4, forward: 128 of 128 elements are not finite
  //       x0  f32 [128,1]  from 0 to 2.31864e+29
  //       ...
  std::string message;
};

// Computes loss and gradient of the batch again to find out.
Divergence Diagnose(const nn::Module& model, const Objective& objective,
                    const DivergedStep& step);

}  // namespace adjoint::train

#endif  // ADJOINT_FRAMEWORK_TRAIN_DIVERGENCE_H_
