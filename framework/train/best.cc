#include "framework/train/best.h"

#include <cmath>

namespace adjoint::train {

bool IsBetter(const std::vector<Metric>& metrics, const Metrics& a,
              const Metrics& b) {
  const auto better = [](double x, double y, bool higher) {
    if (std::isnan(y)) return !std::isnan(x);
    return higher ? x > y : x < y;
  };
  if (!metrics.empty()) {
    const Metric& metric = metrics[0];
    return better(metric.value(a), metric.value(b), metric.higher_is_better);
  }
  return std::isnan(a.accuracy()) ? better(a.loss(), b.loss(), false)
                                  : better(a.accuracy(), b.accuracy(), true);
}

const EpochReport* BestOf(const std::vector<EpochReport>& epochs,
                          const std::optional<EpochReport>& undone) {
  if (undone) return &*undone;
  const EpochReport* best = nullptr;
  for (const EpochReport& report : epochs) {
    if (report.best) best = &report;
  }
  return best;
}

bool IsBest(const EpochReport& report, const Progress& progress,
            const std::vector<Metric>& metrics) {
  const EpochReport* best = BestOf(progress.epochs, progress.undone_best);
  return best == nullptr || IsBetter(metrics, report.test, best->test);
}

}  // namespace adjoint::train
