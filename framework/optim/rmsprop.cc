#include "framework/optim/rmsprop.h"

#include "framework/optim/range.h"

namespace adjoint::optim {

Rmsprop::Rmsprop(RmspropOptions options)
    : ElementwiseOptimizer(options.learning_rate, options.weight_decay),
      options_(options) {
  RequireBelowOne("rmsprop: smoothing", options.smoothing);
  RequireNotNegative("rmsprop: epsilon", options.epsilon);
  RequireBelowOne("rmsprop: momentum", options.momentum);
}

std::vector<std::string> Rmsprop::Slots() const {
  std::vector<std::string> slots = {"mean_square"};
  if (options_.centered) slots.push_back("mean");
  if (options_.momentum != 0) slots.push_back("velocity");
  return slots;
}

}  // namespace adjoint::optim
