#include "framework/optim/adam.h"

#include "framework/optim/range.h"

namespace adjoint::optim {

Adam::Adam(AdamOptions options)
    : ElementwiseOptimizer(options.learning_rate, options.weight_decay),
      options_(options) {
  RequireBelowOne("adam: beta1", options.beta1);
  RequireBelowOne("adam: beta2", options.beta2);
  RequireNotNegative("adam: epsilon", options.epsilon);
}

}  // namespace adjoint::optim
