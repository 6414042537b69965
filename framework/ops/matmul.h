// Matrix products.
#ifndef ADJOINT_FRAMEWORK_OPS_MATMUL_H_
#define ADJOINT_FRAMEWORK_OPS_MATMUL_H_

#include "framework/core/tensor.h"

namespace adjoint {

struct MatMulOptions {
  bool transpose_a = false;
  bool transpose_b = false;
};

// op(a) [..., m, k] x op(b) [..., k, n] -> [..., m, n], where op transposes its
// matrices if the option says so: products of matrices or of batches of them.
// The axes of the batch broadcast by NumPy's rule; a matrix without any meets
// each of the other side's. Throws ShapeError unless both have rank >= 2, k
// agrees and the batches broadcast.
Tensor MatMul(const Tensor& a, const Tensor& b, MatMulOptions options = {});

// A fully connected layer's map, x w' + b:
// x [..., in], w [out,in], b [out] -> [..., out]. Weights as PyTorch keeps
// them. Throws ShapeError if the shapes do not fit.
Tensor Linear(const Tensor& x, const Tensor& w, const Tensor& b);

// The same without b, x w'.
Tensor Linear(const Tensor& x, const Tensor& w);

}  // namespace adjoint

#endif  // ADJOINT_FRAMEWORK_OPS_MATMUL_H_
