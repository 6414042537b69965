// x^c for one c and many x, for loops that are vectorised (math.h).
#ifndef ADJOINT_FRAMEWORK_KERNELS_POWER_H_
#define ADJOINT_FRAMEWORK_KERNELS_POWER_H_

#include <cmath>
#include <limits>

#include "framework/kernels/math.h"

namespace adjoint::kernels {

// Computed by double logarithms and exponentials: errs by at most 0.51 ULP
// (tests/kernels/math_test.cc). Zeros, infinities, NaN and negative x are as in
// the C library. Doubles would need more than doubles.
class Power {
 public:
  // REQUIRES: c is finite.
  explicit Power(float c)
      : c_(c), whole_(std::floor(c) == c), odd_(std::fmod(c, 2.0f) != 0) {}

  float operator()(float x) const {
    constexpr float kInfinity = std::numeric_limits<float>::infinity();
    constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
    const double log = Log(static_cast<double>(std::abs(x)));
    float y = static_cast<float>(Exp(c_ * log));
    y = whole_ && odd_ ? std::copysign(y, x) : y;
    y = !whole_ && x < 0 && x > -kInfinity ? kNan : y;
    return c_ == 0 ? 1 : y;
  }

 private:
  double c_;
  bool whole_, odd_;
};

}  // namespace adjoint::kernels

#endif  // ADJOINT_FRAMEWORK_KERNELS_POWER_H_
