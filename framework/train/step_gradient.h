// The gradient of a step, from the batches that it is made of.
#ifndef ADJOINT_FRAMEWORK_TRAIN_STEP_GRADIENT_H_
#define ADJOINT_FRAMEWORK_TRAIN_STEP_GRADIENT_H_

#include <cstdint>
#include <utility>

#include "framework/nn/module.h"
#include "framework/optim/accumulate.h"

namespace adjoint::train {

class StepGradient {
 public:
  // Of up to `batches` batches. REQUIRES: at least 1.
  explicit StepGradient(int64_t batches) : alone_(batches == 1) {}

  // Adds the gradients of a batch of so many examples whose mean loss is
  // `loss`.
  void Add(Gradients gradients, double loss, int64_t examples) {
    const auto weight = static_cast<double>(examples);
    loss_ += loss * weight;
    examples_ += examples;
    if (alone_) {
      gradients_ = std::move(gradients);
    } else {
      mean_.Add(gradients, weight);
    }
  }

  // Means over the examples.
  struct Mean {
    Gradients gradients;
    double loss;
    int64_t examples;
  };

  // That of what was added, which is forgotten. REQUIRES: something was.
  Mean Take() {
    const int64_t examples = std::exchange(examples_, 0);
    return {alone_ ? std::exchange(gradients_, {}) : mean_.Take(),
            std::exchange(loss_, 0) / static_cast<double>(examples), examples};
  }

 private:
  bool alone_;
  Gradients gradients_;      // If alone, else
  optim::Accumulator mean_;  // this.
  double loss_ = 0;
  int64_t examples_ = 0;
};

}  // namespace adjoint::train

#endif  // ADJOINT_FRAMEWORK_TRAIN_STEP_GRADIENT_H_
