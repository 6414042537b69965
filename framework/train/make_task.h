// What a run trains.
#ifndef ADJOINT_FRAMEWORK_TRAIN_MAKE_TASK_H_
#define ADJOINT_FRAMEWORK_TRAIN_MAKE_TASK_H_

#include <memory>

#include "absl/status/statusor.h"
#include "framework/train/shared_flags.h"
#include "framework/train/task.h"

namespace adjoint::train {

// The program's task as the flags want it: with part of the training data held
// out, prepared with the rest, or on a few examples alone, and, where a run is
// to begin, with the weights of --init. InvalidArgument if the training data or
// the test data has no examples: a file of few rows, when split, may leave
// none. Weights that cannot be loaded fail as LoadInto does.
absl::StatusOr<std::unique_ptr<Task>> MakeTask(const Program& program,
                                               const SharedFlags& flags);

}  // namespace adjoint::train

#endif  // ADJOINT_FRAMEWORK_TRAIN_MAKE_TASK_H_
