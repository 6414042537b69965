#include "framework/optim/sgd.h"

#include "framework/base/error.h"
#include "framework/optim/range.h"

namespace adjoint::optim {

Sgd::Sgd(SgdOptions options)
    : ElementwiseOptimizer(options.learning_rate, options.weight_decay),
      options_(options) {
  RequireBelowOne("sgd: momentum", options.momentum);
  if (options.nesterov && options.momentum == 0) {
    throw ValueError("sgd: nesterov needs momentum > 0");
  }
}

std::vector<std::string> Sgd::Slots() const {
  if (options_.momentum == 0) return {};
  return {"velocity"};
}

}  // namespace adjoint::optim
