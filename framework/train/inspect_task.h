// What a step of a task does, told without a run.
#ifndef ADJOINT_FRAMEWORK_TRAIN_INSPECT_TASK_H_
#define ADJOINT_FRAMEWORK_TRAIN_INSPECT_TASK_H_

#include <cstddef>
#include <string>

#include "framework/inspect/step_memory.h"
#include "framework/optim/optimizer.h"
#include "framework/train/recipe.h"
#include "framework/train/shared_flags.h"
#include "framework/train/task.h"

namespace adjoint::train {

// What memory a training holds at its fullest, apart from the data set:
// measured by a step on the first batch and the evaluation of one, which is why
// the task's state is not to be used any more.
inspect::StepMemory MemoryOf(const Task& task, const Recipe& recipe,
                             optim::Optimizer& optimizer);

// The data, the layers and MemoryOf. The same holds.
std::string DescribeTask(const Task& task, const Recipe& recipe,
                         optim::Optimizer& optimizer);

// One step on the first batch, op by op, and each parameter's gradient, in
// lines of at most `width` columns. The same holds.
std::string ExplainTask(const Task& task, const Recipe& recipe,
                        size_t width = 80);

// What --explain or --dry_run prints. The same holds.
std::string InspectTask(const Program& program, const SharedFlags& flags,
                        const Task& task);

}  // namespace adjoint::train

#endif  // ADJOINT_FRAMEWORK_TRAIN_INSPECT_TASK_H_
