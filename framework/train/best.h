// Which epoch was the best.
#ifndef ADJOINT_FRAMEWORK_TRAIN_BEST_H_
#define ADJOINT_FRAMEWORK_TRAIN_BEST_H_

#include <vector>

#include "framework/train/metrics.h"
#include "framework/train/progress.h"

namespace adjoint::train {

// Whether `a` is better than `b`: by the first of `metrics`, else by accuracy,
// else by loss.
bool IsBetter(const std::vector<Metric>& metrics, const Metrics& a,
              const Metrics& b);

// The last that is marked as the best; null if there is none.
const EpochReport* BestOf(const std::vector<EpochReport>& epochs);

}  // namespace adjoint::train

#endif  // ADJOINT_FRAMEWORK_TRAIN_BEST_H_
