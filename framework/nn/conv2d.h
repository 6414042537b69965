// The convolutional layer.
#ifndef ADJOINT_FRAMEWORK_NN_CONV2D_H_
#define ADJOINT_FRAMEWORK_NN_CONV2D_H_

#include <cstdint>
#include <string>

#include "framework/nn/init.h"
#include "framework/nn/module.h"
#include "framework/ops/conv.h"

namespace adjoint::nn {

struct Conv2dLayerOptions {
  Extent2d stride = 1;
  Extent2d padding = 0;
  bool bias = true;
  DType dtype = DType::kF32;
  // Null means PyTorch's default, uniform over +-1/sqrt(fan_in) for both, where
  // fan_in is in * kernel.h * kernel.w.
  init::Initializer weight_init = nullptr;
  init::Initializer bias_init = nullptr;
};

// y = the convolution of x with the weight, plus the bias:
// x [n,in,h,w] -> [n,out,oh,ow], where oh and ow are as Conv2d says.
// Parameters: weight [out,in,kernel.h,kernel.w], bias [out].
class Conv2d final : public Layer {
 public:
  // Throws ShapeError unless in, out, kernel and stride are at least 1 and
  // padding at least 0.
  Conv2d(int64_t in, int64_t out, Extent2d kernel, Rng& rng,
         const Conv2dLayerOptions& options = {});

  const Parameter& weight() const { return weight_; }
  const Parameter& bias() const { return bias_; }  // May be undefined.

  void Visit(Visitor& visit) const override;
  std::string Kind() const override;
  Tensor Forward(const Tensor& x, const Pass& pass) const override;

 private:
  Extent2d kernel_;
  Conv2dOptions options_;
  Parameter weight_, bias_;
};

}  // namespace adjoint::nn

#endif  // ADJOINT_FRAMEWORK_NN_CONV2D_H_
