// Losses that compare two tensors element by element and take the mean, [].
//
// Both tensors are f32 or f64. Each loss throws ShapeError unless the shapes
// are equal, for broadcasting [n,1] against [n] would compare everything with
// everything; and for no elements.
#ifndef ADJOINT_FRAMEWORK_OPS_ELEMENTWISE_LOSS_H_
#define ADJOINT_FRAMEWORK_OPS_ELEMENTWISE_LOSS_H_

#include "framework/core/tensor.h"

namespace adjoint {

// The mean of (prediction - target)^2.
Tensor MeanSquaredError(const Tensor& prediction, const Tensor& target);

// The mean of |prediction - target|, also called L1. The derivative is taken as
// 0 where they are equal.
Tensor MeanAbsoluteError(const Tensor& prediction, const Tensor& target);

// The mean of d^2 / 2 where |d| <= delta and of delta (|d| - delta / 2) beyond,
// d = prediction - target: square near 0, straight far off. (Huber 1964.)
//
// Throws ValueError unless delta > 0.
Tensor Huber(const Tensor& prediction, const Tensor& target, double delta = 1);

// The mean of -target log(p) - (1 - target) log(1 - p), p = Sigmoid(logit),
// where target is 0, 1 or a probability between. p is not computed: the loss
// and its gradient are accurate for logits of any size, and 0 for an infinite
// one that is right.
Tensor BinaryCrossEntropyWithLogits(const Tensor& logits,
                                    const Tensor& targets);

}  // namespace adjoint

#endif  // ADJOINT_FRAMEWORK_OPS_ELEMENTWISE_LOSS_H_
