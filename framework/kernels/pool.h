// Maxima and means over windows of images, and their gradients.
//
// Each plane (a channel of an image) is pooled by itself: x [planes,h,w] ->
// y [planes,oh,ow] for windows as those of a convolution. Padding takes part
// in no maximum; a mean counts it as zeros or not at all.
#ifndef ADJOINT_FRAMEWORK_KERNELS_POOL_H_
#define ADJOINT_FRAMEWORK_KERNELS_POOL_H_

#include <cstdint>

#include "framework/kernels/windows.h"

namespace adjoint::kernels {

// REQUIRES: each window has an element in the image; an image that is pooled by
// its maxima has less than 2^31 elements.
struct Pool2dShape {
  int64_t planes;
  Windows h, w;

  // Elements of a plane of x, and of y.
  int64_t image() const { return h.extent * w.extent; }
  int64_t positions() const { return h.count * w.count; }
};

// y = the largest element of each window; NaN if one is.
template <class T>
void MaxPool2d(const Pool2dShape& shape, const T* x, T* y);

// The gradient of MaxPool2d: dx is zero but for the sums of dy over the windows
// of which that element is the maximum: the first one in row-major order, or
// the last NaN, as in PyTorch.
template <class T>
void MaxPool2dGradient(const Pool2dShape& shape, const T* x, const T* dy,
                       T* dx);

// Its adjoint in dy: y = the element of v where x has the maximum of the
// window.
template <class T>
void MaxPool2dGather(const Pool2dShape& shape, const T* x, const T* v, T* y);

// y = the mean of each window, of all its elements or of those in the image.
template <class T>
void AvgPool2d(const Pool2dShape& shape, bool count_padding, const T* x, T* y);

// The adjoint of AvgPool2d.
template <class T>
void AvgPool2dGradient(const Pool2dShape& shape, bool count_padding,
                       const T* dy, T* dx);

}  // namespace adjoint::kernels

#endif  // ADJOINT_FRAMEWORK_KERNELS_POOL_H_
