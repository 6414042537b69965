// The same numbers in another dtype.
#ifndef ADJOINT_FRAMEWORK_OPS_CAST_H_
#define ADJOINT_FRAMEWORK_OPS_CAST_H_

#include "framework/core/tensor.h"

namespace adjoint {

// x, of any dtype, as f32 or f64: rounded to the nearest, where it has to be.
// x itself if it is of that dtype. Gradients are cast back; by integers there
// are none. Throws DTypeError for i32: a number is made an index by deciding
// how to round it.
Tensor Cast(const Tensor& x, DType dtype);

}  // namespace adjoint

#endif  // ADJOINT_FRAMEWORK_OPS_CAST_H_
