// The most usual windows: of two by two, side by side.
#ifndef ADJOINT_FRAMEWORK_KERNELS_POOL_OF_FOUR_H_
#define ADJOINT_FRAMEWORK_KERNELS_POOL_OF_FOUR_H_

#include <cstdint>

#include "framework/kernels/pool.h"

namespace adjoint::kernels {

bool IsOfFour(const Pool2dShape& shape);

// MaxPool2d, MaxPool2dGradient, AvgPool2d and AvgPool2dGradient of the first
// `planes` planes, on this thread. T is float or double.
//
// REQUIRES: IsOfFour(shape).
template <class T>
void MaximaOfFour(const Pool2dShape& shape, int64_t planes, const T* x, T* y);
template <class T>
void SpreadOverFour(const Pool2dShape& shape, int64_t planes, const T* x,
                    const T* dy, T* dx);
template <class T>
void MeansOfFour(const Pool2dShape& shape, int64_t planes, const T* x, T* y);
template <class T>
void ShareAmongFour(const Pool2dShape& shape, int64_t planes, const T* dy,
                    T* dx);

}  // namespace adjoint::kernels

#endif  // ADJOINT_FRAMEWORK_KERNELS_POOL_OF_FOUR_H_
