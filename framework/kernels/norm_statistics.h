// What sums over a group say about it.
#ifndef ADJOINT_FRAMEWORK_KERNELS_NORM_STATISTICS_H_
#define ADJOINT_FRAMEWORK_KERNELS_NORM_STATISTICS_H_

#include <algorithm>
#include <cmath>

namespace adjoint::kernels {

// The mean is center + rest. x - center is exact where the mean is large, and
// x - mean, with a rounded mean, would not be.
template <class T>
struct GroupStatistics {
  T center;
  double rest;
  double variance;
  double rstd;  // 1 / sqrt(variance + epsilon)

  // From the sums of x - center and of its square over n elements.
  GroupStatistics(T center, double n, double sum, double squares,
                  double epsilon)
      : center(center),
        rest(sum / n),
        variance(std::max(0., squares / n - rest * rest)),
        rstd(1 / std::sqrt(variance + epsilon)) {}
};

// dx = scale rstd (u - mean(u) - z mean(u z)) as a sum of multiples:
//
//   dx = (u - mean_u) by_u + ((x - center) by_x + more)
//
// As with x, the difference to a rounded mean and then what that leaves.
template <class T>
struct GroupGradient {
  T mean_u, by_u, by_x, more;

  // From the sums of u and of u (x - center) over n elements.
  GroupGradient(const GroupStatistics<T>& s, double n, double scale, double sum,
                double product)
      : mean_u(static_cast<T>(sum / n)) {
    const double factor = scale * s.rstd;
    const double slope =
        -factor * s.rstd * s.rstd * (product - s.rest * sum) / n;
    by_u = static_cast<T>(factor);
    by_x = static_cast<T>(slope);
    more = static_cast<T>(-factor * (sum / n - mean_u) - slope * s.rest);
  }
};

}  // namespace adjoint::kernels

#endif  // ADJOINT_FRAMEWORK_KERNELS_NORM_STATISTICS_H_
