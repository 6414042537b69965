// Normalisation, and the scale and shift that follow it.
//
//   y = (x - mean) / sqrt(variance + epsilon) * weight + bias
//
// with the mean and the biased variance of the group of elements that x belongs
// to. They are functions of x, and the gradients say so. All tensors are of one
// dtype, f32 or f64. Throws ShapeError if the shapes do not fit, ValueError
// unless epsilon >= 0.
#ifndef ADJOINT_FRAMEWORK_OPS_NORM_H_
#define ADJOINT_FRAMEWORK_OPS_NORM_H_

#include "framework/core/tensor.h"

namespace adjoint {

// Groups are the last axes of x, as many as weight and bias have.
// x [..., features...], weight and bias [features...] -> [..., features...].
// (Ba, Kiros and Hinton 2016.)
Tensor LayerNorm(const Tensor& x, const Tensor& weight, const Tensor& bias,
                 double epsilon = 1e-5);

// Groups are channels: all elements of one place along axis 1.
// x [n, c, ...], weight and bias [c] -> [n, c, ...].
// (Ioffe and Szegedy 2015.)
Tensor BatchNorm(const Tensor& x, const Tensor& weight, const Tensor& bias,
                 double epsilon = 1e-5);

// What BatchNorm takes from x or, kept from other batches, takes the place of
// that: mean and variance [c].
struct ChannelStatistics {
  Tensor mean;
  Tensor variance;
};

// The same with statistics that do not depend on x.
Tensor BatchNorm(const Tensor& x, const Tensor& weight, const Tensor& bias,
                 const ChannelStatistics& given, double epsilon = 1e-5);

// The mean and the biased variance of each channel of x [n, c, ...], [c] each.
// Throws ShapeError if channels have no elements.
ChannelStatistics MomentsOfChannels(const Tensor& x);

}  // namespace adjoint

#endif  // ADJOINT_FRAMEWORK_OPS_NORM_H_
