// One run of a program: from its flags to the folder that it leaves behind.
#ifndef ADJOINT_FRAMEWORK_TRAIN_SESSION_H_
#define ADJOINT_FRAMEWORK_TRAIN_SESSION_H_

#include "absl/status/statusor.h"
#include "framework/train/shared_flags.h"
#include "framework/train/task.h"

namespace adjoint::train {

// Makes the task, trains it, and writes config.json, metrics, checkpoints,
// weights and summary.json into the run's folder; or, as the flags say, goes on
// with a run that was stopped, explains one step, or only tells what it would
// do. The process's exit code: 0, or 128 and the number of the signal that
// ended it. An error leaves what was saved before.
absl::StatusOr<int> RunSession(const Program& program,
                               const SharedFlags& flags);

}  // namespace adjoint::train

#endif  // ADJOINT_FRAMEWORK_TRAIN_SESSION_H_
