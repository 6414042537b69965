// The training loop, as a function with an observer.
#ifndef ADJOINT_FRAMEWORK_TRAIN_TRAIN_H_
#define ADJOINT_FRAMEWORK_TRAIN_TRAIN_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "framework/data/dataset.h"
#include "framework/nn/module.h"
#include "framework/optim/optimizer.h"
#include "framework/optim/schedule.h"
#include "framework/train/metrics.h"
#include "framework/train/objective.h"

namespace adjoint::train {

// One epoch, after its evaluation.
struct EpochReport {
  int64_t epoch = 0;  // From 1.
  int64_t epochs = 0;
  int64_t steps = 0;         // In this epoch.
  double train_seconds = 0;  // Without the evaluation.
  double step_seconds = 0;   // The mean, without the run's first step.
  double total_seconds = 0;  // Since Train began.
  Metrics train;  // Over the epoch's batches, each before its own step.
  Metrics test;
  bool best = false;  // Whether no epoch before was as good on the test set: by
                      // the first of the options' metrics, else by accuracy,
                      // else by loss.
};

struct TrainOptions {
  int64_t epochs = 10;       // At least 1.
  int64_t batch_size = 128;  // At least 1.
  uint64_t seed = 0;         // Of the order of examples and of dropout.
  bool shuffle = true;       // If not, each epoch has the data set's order.
  LossFunction loss = ClassificationLoss;  // Where no objective is given.
  optim::Schedule schedule;  // Null means a constant learning rate.
  double clip_norm = 0;      // If not 0, gradients have at most this norm.
  std::vector<Metric> metrics = {};
  // Told of each epoch. Null means nobody.
  std::function<void(const EpochReport&)> on_epoch;
};

struct TrainResult {
  std::vector<EpochReport> epochs;  // Those that were finished.
  // "completed", or "diverged" if a loss was not finite; the parameters are
  // then as they were before the step that would have followed.
  std::string exit_reason;
  // If it diverged: where and how, and in lines of their own the first op whose
  // result was not finite, with its module and what it was given.
  std::string message;
};

// Trains `model` to make `objective` small on the batches of `train`, and
// evaluates it on `test` after each epoch. The result depends on the initial
// parameters, the data and the options, and not on the number of threads.
// Throws ValueError for options out of range.
TrainResult Train(const nn::Module& model, const Objective& objective,
                  optim::Optimizer& optimizer, const data::Dataset& train,
                  const data::Dataset& test, const TrainOptions& options = {});

// The same for the objective options.loss(model(x), y).
TrainResult Train(const nn::Layer& model, optim::Optimizer& optimizer,
                  const data::Dataset& train, const data::Dataset& test,
                  const TrainOptions& options = {});

}  // namespace adjoint::train

#endif  // ADJOINT_FRAMEWORK_TRAIN_TRAIN_H_
