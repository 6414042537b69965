// Layer normalisation.
#ifndef ADJOINT_FRAMEWORK_NN_LAYER_NORM_H_
#define ADJOINT_FRAMEWORK_NN_LAYER_NORM_H_

#include <string>

#include "framework/nn/module.h"

namespace adjoint::nn {

struct LayerNormOptions {
  double epsilon = 1e-5;
  // Whether there are a weight and a bias; else they are 1 and 0.
  bool affine = true;
  DType dtype = DType::kF32;
};

// y = (x - mean) / sqrt(variance + epsilon) * weight + bias, each example by
// itself: x [..., features] -> the same. (Ba, Kiros and Hinton 2016.)
// Parameters: weight [features], bias [features].
class LayerNorm final : public Layer {
 public:
  // `features` is the extent of the last axis, or the extents of the last ones,
  // over which the mean and the biased variance are taken: LayerNorm(256),
  // LayerNorm({28, 28}). Throws ShapeError unless there is one and all are
  // >= 1, ValueError unless epsilon >= 0.
  explicit LayerNorm(int64_t features, const LayerNormOptions& options = {});
  explicit LayerNorm(const Shape& features,
                     const LayerNormOptions& options = {});

  const Parameter& weight() const { return weight_; }  // May be undefined.
  const Parameter& bias() const { return bias_; }      // May be undefined.

  void Visit(Visitor& visit) const override;
  std::string Kind() const override { return "LayerNorm"; }
  Tensor Forward(const Tensor& x, const Pass& pass) const override;

 private:
  double epsilon_;
  Parameter weight_, bias_;
  Tensor ones_, zeros_;  // In place of the weight and the bias.
};

}  // namespace adjoint::nn

#endif  // ADJOINT_FRAMEWORK_NN_LAYER_NORM_H_
