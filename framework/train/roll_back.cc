#include "framework/train/roll_back.h"

#include "framework/train/best.h"

namespace adjoint::train {

Progress AfterRollBack(Progress earlier, const Progress& now,
                       const std::vector<Metric>& metrics) {
  earlier.rate_factor = now.rate_factor / 2;
  earlier.rollbacks = now.rollbacks + 1;
  const EpochReport* best = BestOf(now.epochs, now.undone_best);
  if (best != nullptr && IsBest(*best, earlier, metrics)) {
    earlier.undone_best = *best;
  }
  return earlier;
}

}  // namespace adjoint::train
