// What the options of optimizers and schedules may be.
#ifndef ADJOINT_FRAMEWORK_OPTIM_RANGE_H_
#define ADJOINT_FRAMEWORK_OPTIM_RANGE_H_

#include <cstdint>

#include "absl/strings/string_view.h"

namespace adjoint::optim {

// Each throws ValueError, whose text begins with `what` ("sgd: momentum"),
// unless the value is finite and >= 0, in [0, 1), or >= `least`.
void RequireNotNegative(absl::string_view what, double value);
void RequireBelowOne(absl::string_view what, double value);
void RequireAtLeast(int64_t least, absl::string_view what, int64_t value);

}  // namespace adjoint::optim

#endif  // ADJOINT_FRAMEWORK_OPTIM_RANGE_H_
