// A mean that may be of nothing.
#ifndef ADJOINT_FRAMEWORK_TRAIN_MEAN_H_
#define ADJOINT_FRAMEWORK_TRAIN_MEAN_H_

#include <cstdint>
#include <limits>

namespace adjoint::train {

// NaN if n is 0.
inline double MeanOf(double sum, int64_t n) {
  return n == 0 ? std::numeric_limits<double>::quiet_NaN()
                : sum / static_cast<double>(n);
}

}  // namespace adjoint::train

#endif  // ADJOINT_FRAMEWORK_TRAIN_MEAN_H_
