// Smooth and leaky relatives of Relu, applied to each element.
//
// Each takes an f32 or f64 tensor of any shape, throws DTypeError otherwise,
// and turns a NaN into NaN. Where x is infinite the smooth ones and their first
// derivatives are what they tend to.
#ifndef ADJOINT_FRAMEWORK_OPS_ACTIVATION_H_
#define ADJOINT_FRAMEWORK_OPS_ACTIVATION_H_

#include "framework/core/tensor.h"

namespace adjoint {

// log(1 + e^x), without overflow, and without cancellation in the left tail.
Tensor Softplus(const Tensor& x);

// log(Sigmoid(x)), yet finite where that would be log(0).
Tensor LogSigmoid(const Tensor& x);

// x Phi(x), Phi the distribution function of the standard normal, by erfc and
// not by the approximation with tanh. (Hendrycks and Gimpel 2016.)
Tensor Gelu(const Tensor& x);

// x Sigmoid(x), also called swish. (Elfwing, Uchibe and Doya 2017.)
Tensor Silu(const Tensor& x);

// x above 0, slope * x below. The derivative at 0 is taken as `slope`.
Tensor LeakyRelu(const Tensor& x, double slope = 0.01);

}  // namespace adjoint

#endif  // ADJOINT_FRAMEWORK_OPS_ACTIVATION_H_
