// Steps whose gradient is far from those before.
#ifndef ADJOINT_FRAMEWORK_TRAIN_OUTLIERS_H_
#define ADJOINT_FRAMEWORK_TRAIN_OUTLIERS_H_

#include <cstdint>

namespace adjoint::train {

// The norms of the gradients so far, those of outliers left out.
struct GradientNorms {
  double mean = 0;  // An exponential one over some 100 steps.
  int64_t count = 0;

  // Whether `norm` is more than `factor` times the mean, once there were 20, or
  // is not finite; if not, it counts among the norms.
  bool IsOutlier(double norm, double factor);
};

}  // namespace adjoint::train

#endif  // ADJOINT_FRAMEWORK_TRAIN_OUTLIERS_H_
