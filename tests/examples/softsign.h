// An op of one's own.
#ifndef ADJOINT_TESTS_EXAMPLES_SOFTSIGN_H_
#define ADJOINT_TESTS_EXAMPLES_SOFTSIGN_H_

#include "framework/adjoint.h"

namespace examples {

// x / (1 + |x|), elementwise: f32 or f64, of any shape. The second derivative
// at 0 is taken as 0. (Turian, Bergstra and Bengio 2009.)
adjoint::Tensor Softsign(const adjoint::Tensor& x);

}  // namespace examples

#endif  // ADJOINT_TESTS_EXAMPLES_SOFTSIGN_H_
