// Softmax and its logarithm along one axis, counted from the end if negative.
//
// x [...] -> [...], f32 or f64; stable for every finite x. Throws ShapeError
// for an axis that x does not have: so always for a scalar. Where the values
// along the axis hold a NaN, a +inf or nothing but -inf, all results along it
// are NaN.
#ifndef ADJOINT_FRAMEWORK_OPS_SOFTMAX_H_
#define ADJOINT_FRAMEWORK_OPS_SOFTMAX_H_

#include "framework/core/tensor.h"

namespace adjoint {

// e^x / (sum of e^x along `axis`): positive, with sum 1 along the axis.
Tensor Softmax(const Tensor& x, int axis = -1);

// x - log(sum of e^x along `axis`): log(Softmax(x)), yet finite where that
// would be log(0).
Tensor LogSoftmax(const Tensor& x, int axis = -1);

}  // namespace adjoint

#endif  // ADJOINT_FRAMEWORK_OPS_SOFTMAX_H_
