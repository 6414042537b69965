// Elementwise functions as layers.
#ifndef ADJOINT_FRAMEWORK_NN_ACTIVATION_H_
#define ADJOINT_FRAMEWORK_NN_ACTIVATION_H_

#include <string>

#include "absl/strings/str_cat.h"
#include "framework/nn/module.h"
#include "framework/ops/activation.h"
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

// y = x Phi(x), Phi the distribution function of the standard normal
class Gelu final : public Layer {
 public:
  std::string Kind() const override { return "Gelu"; }
  Tensor Forward(const Tensor& x, const Pass&) const override {
    return adjoint::Gelu(x);
  }
};

// y = x / (1 + exp(-x))
class Silu final : public Layer {
 public:
  std::string Kind() const override { return "Silu"; }
  Tensor Forward(const Tensor& x, const Pass&) const override {
    return adjoint::Silu(x);
  }
};

// y = x above 0, negative_slope * x below
class LeakyRelu final : public Layer {
 public:
  explicit LeakyRelu(double negative_slope = 0.01)
      : negative_slope_(negative_slope) {}
  std::string Kind() const override {
    return absl::StrCat("LeakyRelu ", negative_slope_);
  }
  Tensor Forward(const Tensor& x, const Pass&) const override {
    return adjoint::LeakyRelu(x, negative_slope_);
  }

 private:
  double negative_slope_;
};

// y = log(1 + exp(x))
class Softplus final : public Layer {
 public:
  std::string Kind() const override { return "Softplus"; }
  Tensor Forward(const Tensor& x, const Pass&) const override {
    return adjoint::Softplus(x);
  }
};

}  // namespace adjoint::nn

#endif  // ADJOINT_FRAMEWORK_NN_ACTIVATION_H_
