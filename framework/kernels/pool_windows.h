// Windows of any kind: their maxima, their means and the gradients of these.
#ifndef ADJOINT_FRAMEWORK_KERNELS_POOL_WINDOWS_H_
#define ADJOINT_FRAMEWORK_KERNELS_POOL_WINDOWS_H_

#include <cstdint>

#include "framework/kernels/pool.h"

namespace adjoint::kernels {

// MaxPool2d, AvgPool2d and AvgPool2dGradient of the first `planes` planes, on
// this thread. T is float or double.
template <class T>
void MaximaOfWindows(const Pool2dShape& shape, int64_t planes, const T* x,
                     T* y);
template <class T>
void MeansOfWindows(const Pool2dShape& shape, bool count_padding,
                    int64_t planes, const T* x, T* y);
template <class T>
void ShareAmongWindows(const Pool2dShape& shape, bool count_padding,
                       int64_t planes, const T* dy, T* dx);

}  // namespace adjoint::kernels

#endif  // ADJOINT_FRAMEWORK_KERNELS_POOL_WINDOWS_H_
