// The end of a run: its last files, and what the user is told.
#ifndef ADJOINT_FRAMEWORK_TRAIN_RUN_END_H_
#define ADJOINT_FRAMEWORK_TRAIN_RUN_END_H_

#include <chrono>

#include "absl/status/status.h"
#include "framework/inspect/profiler.h"
#include "framework/optim/ema.h"
#include "framework/train/reporter.h"
#include "framework/train/run_errors.h"
#include "framework/train/run_folder.h"
#include "framework/train/shared_flags.h"
#include "framework/train/task.h"
#include "framework/train/terminal.h"

namespace adjoint::train {

// A run whose training has ended.
struct EndedRun {
  const Program& program;
  const SharedFlags& flags;
  Task& task;
  optim::Ema* ema;                     // Null without averaged weights.
  inspect::Profiler* profiler;         // Null unless the run was profiled.
  std::chrono::duration<double> wall;  // So long it took so far.
  RunFolder& folder;
  Reporter& reporter;
  Terminal& terminal;
  RunErrors& errors;
};

// Writes the weights, summary.json, what the model has to show, the page and
// the profile, waits for the last checkpoint, and tells how the run ended.
// Whatever cannot be written, the rest is. The first error of the run, or that
// of a training that diverged.
absl::Status EndRun(const EndedRun& run, const TrainResult& result);

}  // namespace adjoint::train

#endif  // ADJOINT_FRAMEWORK_TRAIN_RUN_END_H_
