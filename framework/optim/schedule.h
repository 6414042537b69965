// Learning rates that change with the steps made.
//
//   const Schedule schedule = WarmUp(500, CosineDecay(10'000));
//   for (...) {
//     adam.set_learning_rate(0.001 * schedule(adam.steps()));
//     adam.Step(model, gradients);
//   }
//
// train::Train does so by itself for TrainOptions::schedule.
#ifndef ADJOINT_FRAMEWORK_OPTIM_SCHEDULE_H_
#define ADJOINT_FRAMEWORK_OPTIM_SCHEDULE_H_

#include <cstdint>
#include <functional>

#include "absl/strings/string_view.h"

namespace adjoint::optim {

// From the number of steps made, at least 0, to a factor of the learning rate.
using Schedule = std::function<double(int64_t step)>;

// All throw ValueError for arguments out of range.

// 1.
Schedule Constant();

// factor^floor(step / every). every >= 1, factor >= 0.
Schedule StepDecay(int64_t every, double factor);

// factor^step. factor >= 0.
Schedule ExponentialDecay(double factor);

// From 1 at step 0 in a straight line to `end` at step `steps`, and `end` from
// there on. steps >= 1, end >= 0.
Schedule LinearDecay(int64_t steps, double end = 0);

// The same along half a cosine (Loshchilov and Hutter 2017, equation 5, without
// restarts).
Schedule CosineDecay(int64_t steps, double end = 0);

// `steps` steps that rise in a straight line towards `then`, whose step 0 comes
// after them: (step + 1) / (steps + 1) of then(0). steps >= 0.
Schedule WarmUp(int64_t steps, Schedule then);

// "constant", "linear" or "cosine", the latter two falling to 0 in `steps`
// steps. Null for any other name.
Schedule ScheduleByName(absl::string_view name, int64_t steps);

}  // namespace adjoint::optim

#endif  // ADJOINT_FRAMEWORK_OPTIM_SCHEDULE_H_
