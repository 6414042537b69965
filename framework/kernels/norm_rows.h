// Normalisation of short rows, many at a time.
#ifndef ADJOINT_FRAMEWORK_KERNELS_NORM_ROWS_H_
#define ADJOINT_FRAMEWORK_KERNELS_NORM_ROWS_H_

#include <cstdint>

#include "framework/kernels/norm_call.h"

namespace adjoint::kernels {

// Elements of a row up to which it pays. A group of such rows is 64 KiB with
// vectors of 64 bytes, a little more than the nearest cache.
inline constexpr int64_t kShortNormRow = 1024;

// Norm, NormGradient or NormWeightGradient of norm.h.
// REQUIRES: call.layout.weight_by_place, call.layout.inner <= kShortNormRow.
template <class T>
void NormShortRows(const NormCall<T>& call);

}  // namespace adjoint::kernels

#endif  // ADJOINT_FRAMEWORK_KERNELS_NORM_ROWS_H_
