// The training loop, as a function with an observer.
#ifndef ADJOINT_FRAMEWORK_TRAIN_TRAIN_H_
#define ADJOINT_FRAMEWORK_TRAIN_TRAIN_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "framework/data/dataset.h"
#include "framework/inspect/profiler.h"
#include "framework/nn/module.h"
#include "framework/optim/ema.h"
#include "framework/optim/optimizer.h"
#include "framework/optim/schedule.h"
#include "framework/train/divergence.h"
#include "framework/train/metrics.h"
#include "framework/train/objective.h"
#include "framework/train/progress.h"

namespace adjoint::train {

// What the loop does next.
enum class Next { kGoOn, kStop };

struct TrainOptions {
  int64_t epochs = 10;       // At least 1.
  int64_t batch_size = 128;  // At least 1.
  // Batches a step learns from, at least 1: the gradient is the mean over all
  // their examples, and memory is that of one. The last step of an epoch takes
  // what is left.
  int64_t accumulate = 1;
  uint64_t seed = 0;    // Of the order of examples and of dropout.
  bool shuffle = true;  // If not, each epoch has the data set's order.
  // Where no objective is given. The default is for classes alone; regression
  // has to name one: MeanSquaredError.
  LossFunction loss = ClassificationLoss;
  optim::Schedule schedule;  // Null means a constant learning rate.
  double clip_norm = 0;      // If not 0, gradients have at most this norm.
  std::vector<Metric> metrics = {};

  // Averages of the weights, updated after each step and evaluated in place of
  // the weights. Null means none. Must outlive the call.
  optim::Ema* ema = nullptr;

  // Ends after so many epochs that were not the best; 0 means never.
  int64_t patience = 0;
  // Ends after the first step at which the run is older; 0 means never.
  double max_seconds = 0;

  // If not 0, a step is left out whose gradient's norm is more than so many
  // times the mean of those before (an exponential mean over some 100 steps,
  // once there were 20), or not finite. Greater than 1.
  double skip_outliers = 0;
  // If not null, called when the training has diverged and steps are to blame,
  // at most `rollbacks` times: sets model, optimizer and averages to
  // what they were and returns where that was. The training goes on from there
  // at half the rate.
  std::function<absl::StatusOr<Progress>(const Divergence&)> roll_back;
  int64_t rollbacks = 3;

  // Where to go on. Model, optimizer and averages are as they were there.
  Progress resume = {};

  // Told of each step, each batch of an evaluation and each epoch. Null means
  // nobody. Of a training that was over before it went on there is no step, but
  // an evaluation.
  std::function<Next(const StepReport&)> on_step;
  OnEvaluated on_evaluated;
  std::function<void(const EpochReport&)> on_epoch;
  // Told where the training is when an epoch is over, behind on_epoch.
  std::function<Next(const Progress&)> on_progress;
  // Each n-th step's report has the norm of its gradient; 0 means only where it
  // is computed anyway.
  int64_t norm_every = 0;
  // Told of the phases of each step, besides what it observes: "data",
  // "forward", "backward", "optimizer"; "evaluation"; and "saving", which is
  // what the callbacks take but for on_evaluated. Null means none.
  inspect::Profiler* profiler = nullptr;
};

struct TrainResult {
  std::vector<EpochReport> epochs;         // Those that were finished.
  std::optional<EpochReport> undone_best;  // As in Progress.
  int64_t steps = 0;                       // That were made,
  int64_t skipped_steps = 0;               // some of them left out as outliers.
  int64_t rollbacks = 0;                   // Made.
  // Why it ended:
  //   "completed"      after all epochs
  //   "early_stopping" by `patience`
  //   "time"           by `max_seconds`
  //   "stopped"        by on_step or on_progress
  //   "diverged"       a loss or a gradient was not finite; the parameters are
  //                    as they were before the step that would have followed
  std::string exit_reason;
  // If it diverged: where and how, as Divergence tells it, and whose fault that
  // is.
  std::string message;
  Blame blame = Blame::kTraining;
};

// Trains `model` to make `objective` small on the batches of `train`, and
// evaluates it on `test` after each epoch. The result depends on the initial
// parameters, the data and the options, and not on the number of threads; a
// training that was stopped and goes on from its Progress ends with the same
// parameters, bit for bit, as one that was not (but for limits of time).
// Throws ValueError for options out of range and for data without an example,
// and ShapeError for a loss that is not one element.
TrainResult Train(const nn::Module& model, const Objective& objective,
                  optim::Optimizer& optimizer, const data::Dataset& train,
                  const data::Dataset& test, const TrainOptions& options = {});

// The same for the objective options.loss(model(x), y).
TrainResult Train(const nn::Layer& model, optim::Optimizer& optimizer,
                  const data::Dataset& train, const data::Dataset& test,
                  const TrainOptions& options = {});

}  // namespace adjoint::train

#endif  // ADJOINT_FRAMEWORK_TRAIN_TRAIN_H_
