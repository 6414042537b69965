// Convolution in two dimensions and its two partial adjoints, in float and
// double.
//
// All three are the trilinear form
//   sum over n, o, r, q, c, i, j of
//   y[n,o,r,q] w[o,c,i,j] x[n,c,r sh + i - ph,q sw + j - pw],
// with x zero outside the image, less the factor that is computed. As with
// Gemm, results depend on the operands and the processor type alone.
#ifndef ADJOINT_FRAMEWORK_KERNELS_CONV_H_
#define ADJOINT_FRAMEWORK_KERNELS_CONV_H_

#include <cstdint>

#include "framework/kernels/windows.h"

namespace adjoint::kernels {

// The extents of x [n,c,h.extent,w.extent], w [out,c,h.size,w.size] and
// y [n,out,h.count,w.count].
struct Conv2dShape {
  int64_t n, c, out;
  Windows h, w;

  // Elements of one image of x, of one window of it, and places of windows.
  int64_t image() const { return c * h.extent * w.extent; }
  int64_t window() const { return c * h.size * w.size; }
  int64_t positions() const { return h.count * w.count; }
};

// y = the convolution, plus bias[o] unless `bias` is null.
template <class T>
void Conv2d(const Conv2dShape& shape, const T* x, const T* weight,
            const T* bias, T* y);

// dx = the transposed convolution of dy.
template <class T>
void Conv2dInputGradient(const Conv2dShape& shape, const T* dy, const T* weight,
                         T* dx);

template <class T>
void Conv2dWeightGradient(const Conv2dShape& shape, const T* x, const T* dy,
                          T* dw);

}  // namespace adjoint::kernels

#endif  // ADJOINT_FRAMEWORK_KERNELS_CONV_H_
