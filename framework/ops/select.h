// The smaller, the larger, the bounded and the chosen, elementwise.
#ifndef ADJOINT_FRAMEWORK_OPS_SELECT_H_
#define ADJOINT_FRAMEWORK_OPS_SELECT_H_

#include "framework/core/tensor.h"

namespace adjoint {

// The smaller and the larger of a and b, with NumPy's broadcasting; NaN if one
// of them is. Where they are equal each gets half the gradient.
//
// Throws ShapeError if the shapes do not broadcast, DTypeError if the dtypes
// differ or are not floats.
Tensor Minimum(const Tensor& a, const Tensor& b);
Tensor Maximum(const Tensor& a, const Tensor& b);

// x, but no less than `low` and no more than `high`, of which one may be
// infinite; NaN stays. The derivative is 1 inside and at the bounds, else 0.
//
// Throws ValueError unless low <= high, DTypeError unless x is f32 or f64.
Tensor Clamp(const Tensor& x, double low, double high);

// a where `condition` is not 0, else b. The three broadcast. condition is i32;
// a and b are of one dtype, i32 included.
//
// The side that is not chosen has no part in the result, a NaN included, and
// its gradient is 0. Throws ShapeError if the shapes do not broadcast,
// DTypeError for other dtypes.
Tensor Where(const Tensor& condition, const Tensor& a, const Tensor& b);

}  // namespace adjoint

#endif  // ADJOINT_FRAMEWORK_OPS_SELECT_H_
