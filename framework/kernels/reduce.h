// Sums and maxima along one axis.
//
// An array whose reduced axes are adjacent is [outer, n, inner] after merging
// the axes before and behind them; that is the one case here.
#ifndef ADJOINT_FRAMEWORK_KERNELS_REDUCE_H_
#define ADJOINT_FRAMEWORK_KERNELS_REDUCE_H_

#include <cstdint>

namespace adjoint::kernels {

// y[o,i] = sum over r of x[o,r,i]; zero where n == 0. The rounding error of f32
// grows like that of a blocked sum, far slower than n. The order of additions
// depends on the extents alone.
template <class T>
void SumAxis(const T* x, int64_t outer, int64_t n, int64_t inner, T* y);

// y[o,i] = max over r of x[o,r,i]; NaN if one of them is. REQUIRES: n >= 1.
template <class T>
void MaxAxis(const T* x, int64_t outer, int64_t n, int64_t inner, T* y);

}  // namespace adjoint::kernels

#endif  // ADJOINT_FRAMEWORK_KERNELS_REDUCE_H_
