// Matrix products.
#ifndef ADJOINT_FRAMEWORK_OPS_MATMUL_H_
#define ADJOINT_FRAMEWORK_OPS_MATMUL_H_

#include "framework/core/tensor.h"

namespace adjoint {

struct MatMulOptions {
  bool transpose_a = false;
  bool transpose_b = false;
};

// op(a) [m,k] x op(b) [k,n] -> [m,n], where op transposes its matrix if the
// option says so. Throws ShapeError unless both have rank 2 and k agrees.
Tensor MatMul(const Tensor& a, const Tensor& b, MatMulOptions options = {});

// A fully connected layer's map, x w' + b:
// x [..., in], w [out,in], b [out] -> [..., out]. Weights as PyTorch keeps
// them. Throws ShapeError if the shapes do not fit.
Tensor Linear(const Tensor& x, const Tensor& w, const Tensor& b);

// The same without b, x w'.
Tensor Linear(const Tensor& x, const Tensor& w);

}  // namespace adjoint

#endif  // ADJOINT_FRAMEWORK_OPS_MATMUL_H_
