// The loss of classification. (elementwise_loss.h has those of regression.)
#ifndef ADJOINT_FRAMEWORK_OPS_LOSS_H_
#define ADJOINT_FRAMEWORK_OPS_LOSS_H_

#include "framework/core/tensor.h"

namespace adjoint {

// What becomes of the losses of the single examples.
enum class Reduction {
  kMean,
  kSum,
  kNone,  // They are the result.
};

struct CrossEntropyOptions {
  Reduction reduction = Reduction::kMean;
};

// What softmax(logits) lacks to be the targets, in nats. With labels, the -log
// of the probability that it gives to the label:
//
//   log(sum over c of e^logits[..., c]) - logits[..., label]
//
// and with a weight for each class, such as a probability where labels are
// mixed (data/mixup.h) or smoothed, the sum of those times the weights.
//
// logits [..., classes] f32 or f64; targets either labels [...] i32 or weights
// [..., classes] of the dtype of logits, both of which may be differentiated
// -> [], or [...] for kNone. Accurate for logits of any size, for no
// probability is computed; a class without weight adds nothing, even if its
// logit is -inf.
//
// Throws ValueError for a label outside [0, classes); ShapeError if the shapes
// do not fit, and for the mean of an empty batch.
Tensor SoftmaxCrossEntropy(const Tensor& logits, const Tensor& targets,
                           CrossEntropyOptions options = {});

}  // namespace adjoint

#endif  // ADJOINT_FRAMEWORK_OPS_LOSS_H_
