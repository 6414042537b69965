// Where a training is.
#ifndef ADJOINT_FRAMEWORK_TRAIN_PROGRESS_H_
#define ADJOINT_FRAMEWORK_TRAIN_PROGRESS_H_

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "framework/base/rng.h"
#include "framework/train/metrics.h"
#include "framework/train/outliers.h"

namespace adjoint::train {

// One epoch, after its evaluation.
struct EpochReport {
  int64_t epoch = 0;  // From 1.
  int64_t epochs = 0;
  int64_t steps = 0;         // In this epoch.
  double train_seconds = 0;  // Without the evaluation.
  double step_seconds = 0;   // The mean, without the run's first step.
  double total_seconds = 0;  // Since the run began, in all of its parts.
  Metrics train;  // Over the epoch's batches, each before its own step.
  Metrics test;
  bool best = false;  // Whether no epoch before was as good on the test set: by
                      // the first of the options' metrics, else by accuracy,
                      // else by loss.
};

// All that decides how a training goes on, besides its options and the values
// of parameters, averages and the optimizer's state.
struct Progress {
  int64_t batch = 0;  // Batches of the running epoch that were learnt from.
  int64_t step = 0;   // Steps made.
  std::optional<Rng::State> rng;  // None before the first batch.
  Metrics train;                  // Of the running epoch.
  double epoch_seconds = 0;       // Spent on the running epoch's batches,
  double first_step_seconds = 0;  // on the run's first step,
  double total_seconds = 0;       // and on all.
  double rate_factor = 1;         // Of the learning rate; roll-backs halve it.
  int64_t rollbacks = 0;          // Made so far.
  GradientNorms norms;            // Kept only to skip outliers,
  int64_t skipped = 0;            // the steps left out so far.
  std::vector<EpochReport> epochs;  // Finished.
  // The best epoch, where a roll-back went back behind it: the training is no
  // longer what led there, but its weights are saved.
  std::optional<EpochReport> undone_best;
};

// One step, after it was made.
struct StepReport {
  int64_t epoch = 0;     // From 1.
  int64_t epochs = 0;    // Of the whole run.
  int64_t batch = 0;     // Batches of this epoch that were learnt from,
  int64_t batches = 0;   // of so many.
  int64_t step = 0;      // Steps made in the run, this one included.
  int64_t examples = 0;  // That it learnt from.
  double loss = 0;       // Their mean, before the step.
  double learning_rate = 0;
  // Before clipping; NaN if it was not computed.
  double gradient_norm = std::numeric_limits<double>::quiet_NaN();
  double total_seconds = 0;  // Since the run began, in all of its parts.
  bool skipped = false;      // Whether it was left out as an outlier.
  const Progress& progress;  // To go on behind this step.
};

}  // namespace adjoint::train

#endif  // ADJOINT_FRAMEWORK_TRAIN_PROGRESS_H_
