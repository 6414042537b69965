// Functions of one tensor from the calculus book, applied to each element.
//
// Each takes an f32 or f64 tensor of any shape and throws DTypeError otherwise.
#ifndef ADJOINT_FRAMEWORK_OPS_MATH_H_
#define ADJOINT_FRAMEWORK_OPS_MATH_H_

#include "framework/core/tensor.h"

namespace adjoint {

// |x|. The derivative is Sign(x): 0 at 0.
Tensor Abs(const Tensor& x);

// 1 above 0, -1 below, and x itself where that is 0 or NaN. A constant to
// differentiation.
Tensor Sign(const Tensor& x);

// The sine and the cosine of x in radians; NaN for an infinite x.
Tensor Sin(const Tensor& x);
Tensor Cos(const Tensor& x);

// x to the power of a number, with the values of C's pow: for an exponent that
// is no whole number NaN below 0, for a negative one inf at 0, and 1 everywhere
// for the exponent 0. The derivative is exponent * Pow(x, exponent - 1), thus
// right at 0 too: 0 for 2, 1 for 1, inf for 0.5. That of the exponent 0 is 0
// everywhere, so a polynomial has all its derivatives at all x.
Tensor Pow(const Tensor& x, double exponent);

}  // namespace adjoint

#endif  // ADJOINT_FRAMEWORK_OPS_MATH_H_
