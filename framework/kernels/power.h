// Powers, vectorised.
#ifndef ADJOINT_FRAMEWORK_KERNELS_POWER_H_
#define ADJOINT_FRAMEWORK_KERNELS_POWER_H_

#include "absl/types/span.h"

namespace adjoint::kernels {

// y[i] = x[i]^c. Errs by at most 0.51 ULP for float and 0.9 for double, for c
// of 3 and -0.5 by at most 1.5; those of 1, 2, 0.5 and -1 are rounded
// correctly (tests/kernels/power_test.cc). Zeros, infinities, NaN, denormals
// and negative x are as in the C library: NaN for negative x unless c is whole,
// 1 for c = 0 whatever x.
template <class T>
void PowerOf(absl::Span<const T> x, T c, absl::Span<T> y);

}  // namespace adjoint::kernels

#endif  // ADJOINT_FRAMEWORK_KERNELS_POWER_H_
