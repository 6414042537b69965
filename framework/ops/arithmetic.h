// The four operations, elementwise, with NumPy's broadcasting.
//
// Tensors of one call have the same dtype, f32 or f64; a plain number takes the
// dtype of the tensor beside it. Throws ShapeError if the shapes do not
// broadcast, DTypeError if the dtypes differ or are not floats.
#ifndef ADJOINT_FRAMEWORK_OPS_ARITHMETIC_H_
#define ADJOINT_FRAMEWORK_OPS_ARITHMETIC_H_

#include "framework/core/tensor.h"

namespace adjoint {

Tensor Add(const Tensor& a, const Tensor& b);
Tensor Sub(const Tensor& a, const Tensor& b);
Tensor Mul(const Tensor& a, const Tensor& b);
Tensor Div(const Tensor& a, const Tensor& b);
Tensor Neg(const Tensor& x);

// x + c and x * c for a number c.
Tensor AddScalar(const Tensor& x, double c);
Tensor MulScalar(const Tensor& x, double c);

inline Tensor operator+(const Tensor& a, const Tensor& b) { return Add(a, b); }
inline Tensor operator-(const Tensor& a, const Tensor& b) { return Sub(a, b); }
inline Tensor operator*(const Tensor& a, const Tensor& b) { return Mul(a, b); }
inline Tensor operator/(const Tensor& a, const Tensor& b) { return Div(a, b); }
inline Tensor operator-(const Tensor& x) { return Neg(x); }

inline Tensor operator+(const Tensor& x, double c) { return AddScalar(x, c); }
inline Tensor operator+(double c, const Tensor& x) { return AddScalar(x, c); }
inline Tensor operator-(const Tensor& x, double c) { return AddScalar(x, -c); }
inline Tensor operator-(double c, const Tensor& x) { return -x + c; }
inline Tensor operator*(const Tensor& x, double c) { return MulScalar(x, c); }
inline Tensor operator*(double c, const Tensor& x) { return MulScalar(x, c); }
inline Tensor operator/(const Tensor& x, double c) {
  return Div(x, Full({}, c, x.dtype()));
}
inline Tensor operator/(double c, const Tensor& x) {
  return Div(Full({}, c, x.dtype()), x);
}

}  // namespace adjoint

#endif  // ADJOINT_FRAMEWORK_OPS_ARITHMETIC_H_
