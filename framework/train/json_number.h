// Numbers as JSON has them.
#ifndef ADJOINT_FRAMEWORK_TRAIN_JSON_NUMBER_H_
#define ADJOINT_FRAMEWORK_TRAIN_JSON_NUMBER_H_

#include <cmath>

#include "nlohmann/json.hpp"

namespace adjoint::train {

// `x`, or null where it is not finite: JSON has no NaN.
inline nlohmann::ordered_json JsonNumber(double x) {
  return std::isfinite(x) ? nlohmann::ordered_json(x)
                          : nlohmann::ordered_json(nullptr);
}

}  // namespace adjoint::train

#endif  // ADJOINT_FRAMEWORK_TRAIN_JSON_NUMBER_H_
