// The axes of an array in another order.
#ifndef ADJOINT_FRAMEWORK_KERNELS_TRANSPOSE_H_
#define ADJOINT_FRAMEWORK_KERNELS_TRANSPOSE_H_

#include <cstdint>

#include "absl/types/span.h"

namespace adjoint::kernels {

// y[i] = x[j] with j[axes[k]] = i[k], for x of at most eight extents `x_dims`.
// REQUIRES: `axes` holds each axis of x once.
template <class T>
void Transpose(const T* x, absl::Span<const int64_t> x_dims,
               absl::Span<const int> axes, T* y);

}  // namespace adjoint::kernels

#endif  // ADJOINT_FRAMEWORK_KERNELS_TRANSPOSE_H_
