// What a step of a task does, told without a run.
#ifndef ADJOINT_FRAMEWORK_TRAIN_INSPECT_TASK_H_
#define ADJOINT_FRAMEWORK_TRAIN_INSPECT_TASK_H_

#include <string>

#include "framework/train/recipe.h"
#include "framework/train/task.h"

namespace adjoint::train {

// The data, the layers, and what memory a step on a batch takes: measured by
// making one, which is why the task's state is not to be used any more.
std::string DescribeTask(const Task& task, const Recipe& recipe);

// One step on the first batch, op by op, and each parameter's gradient. The
// same holds.
std::string ExplainTask(const Task& task, const Recipe& recipe);

}  // namespace adjoint::train

#endif  // ADJOINT_FRAMEWORK_TRAIN_INSPECT_TASK_H_
