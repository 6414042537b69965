// One step from several batches.
#ifndef ADJOINT_FRAMEWORK_OPTIM_ACCUMULATE_H_
#define ADJOINT_FRAMEWORK_OPTIM_ACCUMULATE_H_

#include <vector>

#include "absl/types/span.h"
#include "framework/core/array.h"
#include "framework/nn/module.h"

namespace adjoint::optim {

// The mean of gradients: that of a large batch from the small ones that fit
// into memory, for a loss that is a mean over the examples.
//
//   Accumulator mean;
//   for (const data::Batch& batch : micro_batches) {
//     mean.Add(Grad(LossOf(batch), model), batch.x.shape()[0]);
//   }
//   optimizer.Step(model, mean.Take());
class Accumulator {
 public:
  // Adds gradients of which each counts as `weight` of them, such as the number
  // of its batch's examples. Their history is left behind. Throws ValueError
  // unless weight is finite and > 0, or if they are of other parameters than
  // those added before.
  void Add(const Gradients& gradients, double weight = 1);

  // (w1 g1 + w2 g2 + ...) / (w1 + w2 + ...), in the gradients' dtype; and
  // begins anew. Throws ValueError if none were added.
  Gradients Take();

  // The weights added so far.
  double weight() const { return weight_; }

 private:
  struct Sum {
    nn::Parameter parameter;
    Ref<Array> array;
  };

  std::vector<Sum> sums_;
  double weight_ = 0;
};

}  // namespace adjoint::optim

#endif  // ADJOINT_FRAMEWORK_OPTIM_ACCUMULATE_H_
