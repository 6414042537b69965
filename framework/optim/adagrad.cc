#include "framework/optim/adagrad.h"

#include "framework/optim/range.h"

namespace adjoint::optim {

Adagrad::Adagrad(AdagradOptions options)
    : ElementwiseOptimizer(options.learning_rate, options.weight_decay),
      options_(options) {
  RequireNotNegative("adagrad: learning_rate_decay",
                     options.learning_rate_decay);
  RequireNotNegative("adagrad: epsilon", options.epsilon);
  RequireNotNegative("adagrad: initial_accumulator",
                     options.initial_accumulator);
}

}  // namespace adjoint::optim
