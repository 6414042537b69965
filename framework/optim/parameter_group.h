// Parameters that are treated in a way of their own.
//
//   // No decay for biases, and a frozen encoder.
//   Adam adam({.weight_decay = 0.01, .decoupled_weight_decay = true});
//   adam.AddGroup({.matches = [](absl::string_view name) {
//                    return absl::StartsWith(name, "encoder.");
//                  },
//                  .learning_rate_factor = 0});
//   adam.AddGroup({.matches = [](absl::string_view name) {
//                    return absl::EndsWith(name, "bias");
//                  },
//                  .weight_decay = 0});
#ifndef ADJOINT_FRAMEWORK_OPTIM_PARAMETER_GROUP_H_
#define ADJOINT_FRAMEWORK_OPTIM_PARAMETER_GROUP_H_

#include <functional>
#include <optional>

#include "absl/strings/string_view.h"

namespace adjoint::optim {

struct ParameterGroup {
  // Whether a parameter belongs to it, by its dotted name: "encoder.0.bias".
  std::function<bool(absl::string_view name)> matches;
  // A factor of the learning rate, >= 0. With 0 the parameters are frozen:
  // they and their state stay as they are, and they need no gradient.
  double learning_rate_factor = 1;
  // In place of the weight decay of the optimizer's options; >= 0.
  std::optional<double> weight_decay = std::nullopt;
};

}  // namespace adjoint::optim

#endif  // ADJOINT_FRAMEWORK_OPTIM_PARAMETER_GROUP_H_
