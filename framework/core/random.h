// Random constants.
#ifndef ADJOINT_FRAMEWORK_CORE_RANDOM_H_
#define ADJOINT_FRAMEWORK_CORE_RANDOM_H_

#include "framework/base/rng.h"
#include "framework/core/tensor.h"

namespace adjoint {

// Independent draws from `rng`, which moves on. Throws DTypeError for i32.
//
// Uniform over [low, high).
Tensor RandomUniform(const Shape& shape, double low, double high, Rng& rng,
                     DType dtype = DType::kF32);
// Normal of the given mean and standard deviation.
Tensor RandomNormal(const Shape& shape, double mean, double stddev, Rng& rng,
                    DType dtype = DType::kF32);
// 1 with probability p in [0, 1], else 0.
Tensor RandomBernoulli(const Shape& shape, double p, Rng& rng,
                       DType dtype = DType::kF32);

}  // namespace adjoint

#endif  // ADJOINT_FRAMEWORK_CORE_RANDOM_H_
