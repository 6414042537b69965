// Elementwise functions as layers.
#ifndef ADJOINT_FRAMEWORK_NN_ACTIVATION_H_
#define ADJOINT_FRAMEWORK_NN_ACTIVATION_H_

#include <string>

#include "framework/nn/module.h"
#include "framework/ops/elementwise.h"

namespace adjoint::nn {

// y = max(x, 0)
class Relu final : public Layer {
 public:
  std::string Kind() const override { return "Relu"; }
  Tensor Forward(const Tensor& x, const Pass&) const override {
    return adjoint::Relu(x);
  }
};

// y = 1 / (1 + exp(-x))
class Sigmoid final : public Layer {
 public:
  std::string Kind() const override { return "Sigmoid"; }
  Tensor Forward(const Tensor& x, const Pass&) const override {
    return adjoint::Sigmoid(x);
  }
};

// y = tanh(x)
class Tanh final : public Layer {
 public:
  std::string Kind() const override { return "Tanh"; }
  Tensor Forward(const Tensor& x, const Pass&) const override {
    return adjoint::Tanh(x);
  }
};

}  // namespace adjoint::nn

#endif  // ADJOINT_FRAMEWORK_NN_ACTIVATION_H_
