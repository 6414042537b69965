// Where the maxima of windows of any kind are, for the gradients of a pooling.
#ifndef ADJOINT_FRAMEWORK_KERNELS_POOL_PLACES_H_
#define ADJOINT_FRAMEWORK_KERNELS_POOL_PLACES_H_

#include <cstdint>

#include "framework/kernels/pool.h"

namespace adjoint::kernels {

// MaxPool2dGradient and MaxPool2dGather of the first `planes` planes, on this
// thread. T is float or double.
template <class T>
void SpreadToMaxima(const Pool2dShape& shape, int64_t planes, const T* x,
                    const T* dy, T* dx);
template <class T>
void GatherMaxima(const Pool2dShape& shape, int64_t planes, const T* x,
                  const T* v, T* y);

}  // namespace adjoint::kernels

#endif  // ADJOINT_FRAMEWORK_KERNELS_POOL_PLACES_H_
