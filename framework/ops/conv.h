// Convolution of images. As everywhere in deep learning the kernel is not
// flipped.
#ifndef ADJOINT_FRAMEWORK_OPS_CONV_H_
#define ADJOINT_FRAMEWORK_OPS_CONV_H_

#include "framework/core/tensor.h"
#include "framework/ops/window.h"

namespace adjoint {

struct Conv2dOptions {
  Extent2d stride = 1;   // At least 1.
  Extent2d padding = 0;  // Zeros on each side.
};

// x [n,c,h,w], weight [out,c,kh,kw], bias [out] -> [n,out,oh,ow], where
// oh = (h + 2 padding.h - kh) / stride.h + 1, rounded down, and ow likewise:
//   y[n,o,r,q] = bias[o] + sum over c, i, j of
//                weight[o,c,i,j] x[n,c,r sh + i - ph,q sw + j - pw].
// Layouts as PyTorch has them. Throws ShapeError if something does not fit.
Tensor Conv2d(const Tensor& x, const Tensor& weight, const Tensor& bias,
              const Conv2dOptions& options = {});

// The same without bias.
Tensor Conv2d(const Tensor& x, const Tensor& weight,
              const Conv2dOptions& options = {});

// The transposed convolution: dy [n,out,oh,ow], weight [out,c,kh,kw] ->
// [n,c,h,w] of the given input extents, the gradient of Conv2d by x. Throws
// ShapeError unless Conv2d of such an x has the shape of dy.
Tensor Conv2dInputGradient(const Tensor& dy, const Tensor& weight,
                           Extent2d input, const Conv2dOptions& options = {});

// x [n,c,h,w], dy [n,out,oh,ow] -> [out,c,kh,kw] of the given kernel extents,
// the gradient of Conv2d by the weight. Throws ShapeError unless Conv2d with
// such a weight has the shape of dy.
Tensor Conv2dWeightGradient(const Tensor& x, const Tensor& dy, Extent2d kernel,
                            const Conv2dOptions& options = {});

}  // namespace adjoint

#endif  // ADJOINT_FRAMEWORK_OPS_CONV_H_
