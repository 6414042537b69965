// Which epoch was the best.
#ifndef ADJOINT_FRAMEWORK_TRAIN_BEST_H_
#define ADJOINT_FRAMEWORK_TRAIN_BEST_H_

#include <optional>
#include <vector>

#include "framework/train/metrics.h"
#include "framework/train/progress.h"

namespace adjoint::train {

// Whether `a` is better than `b`: by the first of `metrics`, else by accuracy,
// else by loss. Any number is better than NaN.
bool IsBetter(const std::vector<Metric>& metrics, const Metrics& a,
              const Metrics& b);

// The best epoch: `undone` (Progress::undone_best), or else the last that is
// marked as the best; null if there is none.
const EpochReport* BestOf(const std::vector<EpochReport>& epochs,
                          const std::optional<EpochReport>& undone);

// Whether `report` is better than the best epoch of `progress`, or the first.
bool IsBest(const EpochReport& report, const Progress& progress,
            const std::vector<Metric>& metrics);

}  // namespace adjoint::train

#endif  // ADJOINT_FRAMEWORK_TRAIN_BEST_H_
