// What a program says of a training that diverged.
#ifndef ADJOINT_FRAMEWORK_TRAIN_DIVERGED_ERROR_H_
#define ADJOINT_FRAMEWORK_TRAIN_DIVERGED_ERROR_H_

#include "absl/status/status.h"
#include "framework/train/shared_flags.h"
#include "framework/train/train.h"

namespace adjoint::train {

// "diverged: ", the result's message, and what to try in the words of the
// command line: shared flags, of those that were given already other values.
// Aborted. REQUIRES: result.exit_reason is "diverged".
absl::Status DivergedError(const TrainResult& result, const SharedFlags& flags);

}  // namespace adjoint::train

#endif  // ADJOINT_FRAMEWORK_TRAIN_DIVERGED_ERROR_H_
