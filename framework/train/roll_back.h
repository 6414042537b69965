// How a training goes on after it went back.
#ifndef ADJOINT_FRAMEWORK_TRAIN_ROLL_BACK_H_
#define ADJOINT_FRAMEWORK_TRAIN_ROLL_BACK_H_

#include <vector>

#include "framework/train/metrics.h"
#include "framework/train/progress.h"

namespace adjoint::train {

// `earlier`, where a training that diverged at `now` has gone back to, but at
// half the rate. What came after it is undone; how often the training went back
// and which epoch was the best is not.
Progress AfterRollBack(Progress earlier, const Progress& now,
                       const std::vector<Metric>& metrics);

}  // namespace adjoint::train

#endif  // ADJOINT_FRAMEWORK_TRAIN_ROLL_BACK_H_
