// A module that is a parameter.
#ifndef ADJOINT_TESTS_OPTIM_WEIGHT_H_
#define ADJOINT_TESTS_OPTIM_WEIGHT_H_

#include <string>

#include "framework/nn/module.h"

namespace adjoint::optim {

class Weight final : public nn::Module {
 public:
  explicit Weight(const Tensor& value) : w(value) {}
  void Visit(nn::Visitor& visit) const override { visit("w", w); }
  std::string Kind() const override { return "Weight"; }

  const nn::Parameter w;
};

}  // namespace adjoint::optim

#endif  // ADJOINT_TESTS_OPTIM_WEIGHT_H_
