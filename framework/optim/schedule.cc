#include "framework/optim/schedule.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "framework/base/error.h"
#include "framework/optim/range.h"

namespace adjoint::optim {
namespace {

// The part of `steps` that is over.
double Progress(int64_t step, int64_t steps) {
  return static_cast<double>(std::min(step, steps)) /
         static_cast<double>(steps);
}

}  // namespace

Schedule Constant() {
  return [](int64_t) { return 1.0; };
}

Schedule StepDecay(int64_t every, double factor) {
  RequireAtLeast(1, "step decay: every", every);
  RequireNotNegative("step decay: factor", factor);
  return [=](int64_t step) {
    const int64_t decays = step / every;
    return std::pow(factor, static_cast<double>(decays));
  };
}

Schedule ExponentialDecay(double factor) {
  RequireNotNegative("exponential decay: factor", factor);
  return StepDecay(1, factor);
}

Schedule LinearDecay(int64_t steps, double end) {
  RequireAtLeast(1, "linear decay: steps", steps);
  RequireNotNegative("linear decay: end", end);
  return [=](int64_t step) { return 1 + (end - 1) * Progress(step, steps); };
}

Schedule CosineDecay(int64_t steps, double end) {
  RequireAtLeast(1, "cosine decay: steps", steps);
  RequireNotNegative("cosine decay: end", end);
  return [=](int64_t step) {
    constexpr double kPi = 3.14159265358979323846;
    const double height = (1 + std::cos(kPi * Progress(step, steps))) / 2;
    return end + (1 - end) * height;
  };
}

Schedule WarmUp(int64_t steps, Schedule then) {
  RequireAtLeast(0, "warm-up: steps", steps);
  if (then == nullptr) throw ValueError("warm-up: no schedule after it");
  return [steps, then = std::move(then)](int64_t step) {
    if (step >= steps) return then(step - steps);
    return then(0) * Progress(step + 1, steps + 1);
  };
}

Schedule ScheduleByName(absl::string_view name, int64_t steps) {
  if (name == "constant") return Constant();
  if (name == "linear") return LinearDecay(steps);
  if (name == "cosine") return CosineDecay(steps);
  return nullptr;
}

}  // namespace adjoint::optim
