// Sine and cosine, vectorised.
#ifndef ADJOINT_FRAMEWORK_KERNELS_TRIGONOMETRY_H_
#define ADJOINT_FRAMEWORK_KERNELS_TRIGONOMETRY_H_

#include "absl/types/span.h"

namespace adjoint::kernels {

// y[i] = sin(x[i]) and cos(x[i]). Errs by at most 0.9 ULP (0.51 for float) for
// |x| <= 10^6 (tests/kernels/math_test.cc); larger ones go through the C
// library, one at a time.
template <class T>
void SinOf(absl::Span<const T> x, absl::Span<T> y);
template <class T>
void CosOf(absl::Span<const T> x, absl::Span<T> y);

}  // namespace adjoint::kernels

#endif  // ADJOINT_FRAMEWORK_KERNELS_TRIGONOMETRY_H_
