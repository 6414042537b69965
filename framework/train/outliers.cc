#include "framework/train/outliers.h"

#include <algorithm>
#include <cmath>

namespace adjoint::train {

bool GradientNorms::IsOutlier(double norm, double factor) {
  constexpr int64_t kFew = 20;
  constexpr double kWindow = 100;
  if (!std::isfinite(norm)) return true;
  if (count >= kFew && norm > factor * mean) return true;
  ++count;
  mean += (norm - mean) / std::min(static_cast<double>(count), kWindow);
  return false;
}

}  // namespace adjoint::train
