// The fully connected layer.
#ifndef ADJOINT_FRAMEWORK_NN_LINEAR_H_
#define ADJOINT_FRAMEWORK_NN_LINEAR_H_

#include <string>

#include "framework/nn/init.h"
#include "framework/nn/module.h"

namespace adjoint::nn {

struct LinearOptions {
  bool bias = true;
  DType dtype = DType::kF32;
  // Null means PyTorch's default, uniform over +-1/sqrt(in) for both.
  init::Initializer weight_init = nullptr;
  init::Initializer bias_init = nullptr;
};

// y = x w' + b: x [..., in] -> [..., out].
// Parameters: weight [out,in], bias [out].
class Linear final : public Layer {
 public:
  // Throws ShapeError unless in >= 1 and out >= 1.
  Linear(int64_t in, int64_t out, Rng& rng, const LinearOptions& options = {});

  const Parameter& weight() const { return weight_; }
  const Parameter& bias() const { return bias_; }  // May be undefined.

  void Visit(Visitor& visit) const override;
  std::string Kind() const override { return "Linear"; }
  Tensor Forward(const Tensor& x, const Pass& pass) const override;

 private:
  Parameter weight_, bias_;
};

}  // namespace adjoint::nn

#endif  // ADJOINT_FRAMEWORK_NN_LINEAR_H_
