#include "framework/train/best.h"

#include <cmath>

namespace adjoint::train {

bool IsBetter(const std::vector<Metric>& metrics, const Metrics& a,
              const Metrics& b) {
  if (!metrics.empty()) {
    const double x = metrics[0].value(a), y = metrics[0].value(b);
    return metrics[0].higher_is_better ? x > y : x < y;
  }
  return std::isnan(a.accuracy()) ? a.loss() < b.loss()
                                  : a.accuracy() > b.accuracy();
}

const EpochReport* BestOf(const std::vector<EpochReport>& epochs) {
  const EpochReport* best = nullptr;
  for (const EpochReport& report : epochs) {
    if (report.best) best = &report;
  }
  return best;
}

}  // namespace adjoint::train
