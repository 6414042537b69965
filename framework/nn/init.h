// How weights begin.
//
// An initializer draws a tensor of a given shape. For the ones that scale with
// the layer, the shape is that of a weight [out, in, ...] as PyTorch keeps it:
// fan_in is the number of elements of w[0], fan_out that of w[:,0].
#ifndef ADJOINT_FRAMEWORK_NN_INIT_H_
#define ADJOINT_FRAMEWORK_NN_INIT_H_

#include <functional>

#include "framework/base/rng.h"
#include "framework/core/tensor.h"

namespace adjoint::nn::init {

using Initializer = std::function<Tensor(const Shape&, DType, Rng&)>;

Initializer Constant(double value);
// Uniform over [low, high).
Initializer Uniform(double low, double high);
Initializer Normal(double mean, double stddev);

// Xavier (Glorot and Bengio 2010): variance 2 gain^2 / (fan_in + fan_out),
// which keeps the scale of both activations and gradients in a linear or tanh
// network. Throws ShapeError for a weight of rank less than 2.
Initializer XavierUniform(double gain = 1);
Initializer XavierNormal(double gain = 1);

struct KaimingOptions {
  // Of the leaky relu that follows: 0 for relu.
  double negative_slope = 0;
  // Keep the scale of the gradients rather than that of the activations.
  bool fan_out = false;
};

// Kaiming (He, Zhang, Ren and Sun 2015): variance 2 / ((1 + slope^2) fan),
// which keeps the scale through relu. Throws as Xavier does.
Initializer KaimingUniform(KaimingOptions options = {});
Initializer KaimingNormal(KaimingOptions options = {});

}  // namespace adjoint::nn::init

#endif  // ADJOINT_FRAMEWORK_NN_INIT_H_
