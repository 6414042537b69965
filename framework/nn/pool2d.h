// Pooling layers.
#ifndef ADJOINT_FRAMEWORK_NN_POOL2D_H_
#define ADJOINT_FRAMEWORK_NN_POOL2D_H_

#include <string>

#include "framework/nn/module.h"
#include "framework/ops/pool.h"

namespace adjoint::nn {

// y = the largest element of each window, as the function of this name says.
class MaxPool2d final : public Layer {
 public:
  // Throws ShapeError unless the kernel's extents are at least 1, strides not
  // negative, and padding is from 0 to half of the kernel.
  explicit MaxPool2d(const MaxPool2dOptions& options);

  std::string Kind() const override;
  Tensor Forward(const Tensor& x, const Pass&) const override {
    return adjoint::MaxPool2d(x, options_);
  }

 private:
  MaxPool2dOptions options_;
};

// y = the mean of each window, likewise.
class AvgPool2d final : public Layer {
 public:
  explicit AvgPool2d(const AvgPool2dOptions& options);

  std::string Kind() const override;
  Tensor Forward(const Tensor& x, const Pass&) const override {
    return adjoint::AvgPool2d(x, options_);
  }

 private:
  AvgPool2dOptions options_;
};

}  // namespace adjoint::nn

#endif  // ADJOINT_FRAMEWORK_NN_POOL2D_H_
