// The line that moves while an epoch runs.
#ifndef ADJOINT_FRAMEWORK_TRAIN_STEP_LINE_H_
#define ADJOINT_FRAMEWORK_TRAIN_STEP_LINE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "framework/train/display.h"
#include "framework/train/fields.h"
#include "framework/train/progress.h"

namespace adjoint::train {

// How fast an epoch goes: over its steps but the first one seen, which finds
// cold caches and makes what later ones reuse.
class Pace {
 public:
  void Add(const StepReport& report);

  // In this epoch, or before its second step in the last one; 0 if unknown.
  double step_seconds() const { return step_seconds_; }
  double batch_seconds() const { return batch_seconds_; }
  double examples_per_second() const { return examples_per_second_; }

 private:
  int64_t epoch_ = 0;
  int64_t step_ = 0, batch_ = 0;  // Where the count began,
  double seconds_ = 0;            // and when.
  int64_t examples_ = 0;          // Since then.
  double step_seconds_ = 0, batch_seconds_ = 0, examples_per_second_ = 0;
};

// "━━━━━━━━╸───────────" or "========>-----------": `done` of `all` in as many
// cells as suit the display.
std::string Bar(int64_t done, int64_t all, const Display& display);

// "0.4s", "12s", "3m05s", "2h07m".
std::string Duration(double seconds);

// "153k/s" or "980/s".
std::string Rate(double per_second);

// epoch, bar and steps, the epoch's time to go, its loss and accuracy so far,
// ms a step and examples a second.
std::vector<Field> StepFields(const StepReport& report, const Pace& pace,
                              const Display& display);

}  // namespace adjoint::train

#endif  // ADJOINT_FRAMEWORK_TRAIN_STEP_LINE_H_
