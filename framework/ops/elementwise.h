// Functions of one tensor, applied to each element.
//
// Each takes an f32 or f64 tensor of any shape, throws DTypeError otherwise,
// and turns a NaN into NaN.
#ifndef ADJOINT_FRAMEWORK_OPS_ELEMENTWISE_H_
#define ADJOINT_FRAMEWORK_OPS_ELEMENTWISE_H_

#include "framework/core/tensor.h"

namespace adjoint {

// e^x.
Tensor Exp(const Tensor& x);

// The natural logarithm; -inf at 0, NaN below.
Tensor Log(const Tensor& x);

// NaN below 0. The derivative at 0 is inf.
Tensor Sqrt(const Tensor& x);

// x^2.
Tensor Square(const Tensor& x);

// max(x, 0). The derivative at 0 is taken as 0.
Tensor Relu(const Tensor& x);

// 1 / (1 + e^-x), without overflow: e^x in the far left tail.
Tensor Sigmoid(const Tensor& x);

// The hyperbolic tangent.
Tensor Tanh(const Tensor& x);

}  // namespace adjoint

#endif  // ADJOINT_FRAMEWORK_OPS_ELEMENTWISE_H_
