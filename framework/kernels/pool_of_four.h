// The most usual pooling: the maxima of windows of two by two, side by side.
#ifndef ADJOINT_FRAMEWORK_KERNELS_POOL_OF_FOUR_H_
#define ADJOINT_FRAMEWORK_KERNELS_POOL_OF_FOUR_H_

#include <cstdint>

namespace adjoint::kernels {

// Of one plane x, whose rows are `width` elements apart: y[rows,columns] is the
// maximum of each window, as MaxPool2d's.
//
// REQUIRES: width >= 2 * columns; x has 2 * rows rows. T is float or double.
template <class T>
void MaximaOfFour(int64_t rows, int64_t columns, int64_t width, const T* x,
                  T* y);

// dx, as x, is dy where the maximum of a window is, as MaxPool2dGradient has
// it, and zero elsewhere in the window. What lies in none is left as it is.
template <class T>
void SpreadOverFour(int64_t rows, int64_t columns, int64_t width, const T* x,
                    const T* dy, T* dx);

}  // namespace adjoint::kernels

#endif  // ADJOINT_FRAMEWORK_KERNELS_POOL_OF_FOUR_H_
