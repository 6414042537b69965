// Maxima and means over windows of images.
#ifndef ADJOINT_FRAMEWORK_OPS_POOL_H_
#define ADJOINT_FRAMEWORK_OPS_POOL_H_

#include "framework/core/tensor.h"
#include "framework/ops/window.h"

namespace adjoint {

struct MaxPool2dOptions {
  Extent2d kernel;
  Extent2d stride = 0;   // 0 stands for that of the kernel.
  Extent2d padding = 0;  // On each side; at most half of the kernel.
};

// The largest element of each window: x [n,c,h,w] -> [n,c,oh,ow], where
// oh = (h + 2 padding.h - kernel.h) / stride.h + 1, rounded down, and ow
// likewise. Padding is never the largest; NaN always is. The gradient goes to
// the first of several maxima in row-major order, as in PyTorch.
//
// Throws ShapeError if something does not fit, an image without elements and
// one of 2^31 elements or more included.
Tensor MaxPool2d(const Tensor& x, const MaxPool2dOptions& options);

struct AvgPool2dOptions {
  Extent2d kernel;
  Extent2d stride = 0;   // 0 stands for that of the kernel.
  Extent2d padding = 0;  // Zeros on each side; at most half of the kernel.
  // Whether the padding counts in what a sum is divided by.
  bool count_include_pad = true;
};

// The mean of each window, likewise.
Tensor AvgPool2d(const Tensor& x, const AvgPool2dOptions& options);

}  // namespace adjoint

#endif  // ADJOINT_FRAMEWORK_OPS_POOL_H_
