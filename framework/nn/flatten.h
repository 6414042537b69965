// Images to rows.
#ifndef ADJOINT_FRAMEWORK_NN_FLATTEN_H_
#define ADJOINT_FRAMEWORK_NN_FLATTEN_H_

#include <string>

#include "framework/nn/module.h"
#include "framework/ops/shape.h"

namespace adjoint::nn {

// x [n, ...] -> [n, size of the rest]. Shares the memory of x.
class Flatten final : public Layer {
 public:
  std::string Kind() const override { return "Flatten"; }
  Tensor Forward(const Tensor& x, const Pass&) const override {
    return adjoint::Flatten(x);
  }
};

}  // namespace adjoint::nn

#endif  // ADJOINT_FRAMEWORK_NN_FLATTEN_H_
