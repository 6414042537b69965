// Time for memory: what is computed again need not be kept.
#ifndef ADJOINT_FRAMEWORK_AUTOGRAD_CHECKPOINT_H_
#define ADJOINT_FRAMEWORK_AUTOGRAD_CHECKPOINT_H_

#include "absl/types/span.h"
#include "framework/autograd/function.h"
#include "framework/core/tensor.h"

namespace adjoint {

// f(xs), of which the graph keeps xs alone: backward calls f once more to learn
// what lay between. (Chen, Xu, Zhang and Guestrin 2016.)
//
//   // Of 2 n activations [batch, d] the graph keeps n.
//   for (const Block& block : blocks) {
//     x = Checkpoint(
//         [](absl::Span<const Tensor> xs) {
//           return Tanh(MatMul(Tanh(MatMul(xs[0], xs[1])), xs[2]));
//         },
//         {x, block.w1, block.w2});
//   }
//
// All that is to be differentiated must be among xs. A leaf among them may also
// be captured by f; should f read any other tensor with a history, ValueError
// is thrown at once, for its gradient would be lost: add it to xs or
// StopGradient it. For layers there is nn::Checkpoint, which sees to it.
//
// f must compute the same each time: one that draws random numbers copies the
// generator that it captured before it draws. Then gradients, of any order, are
// those without Checkpoint, and first ones bit for bit, but for one case: where
// an x that f uses more than once has uses outside of f too, sums are in
// another order.
Tensor Checkpoint(const Function& f, const Tensor& x);
Tensor Checkpoint(const FunctionOfSeveral& f, absl::Span<const Tensor> xs);

// The same for an f that cannot simply be called again: backward calls `again`,
// which must compute what f did.
Tensor Checkpoint(const FunctionOfSeveral& f, FunctionOfSeveral again,
                  absl::Span<const Tensor> xs);

}  // namespace adjoint

#endif  // ADJOINT_FRAMEWORK_AUTOGRAD_CHECKPOINT_H_
