#include "framework/train/train.h"

#include <chrono>
#include <cmath>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "framework/base/error.h"
#include "framework/data/batches.h"
#include "framework/inspect/nan_tracer.h"
#include "framework/optim/clip.h"

namespace adjoint::train {
namespace {

using Clock = std::chrono::steady_clock;

double SecondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// By the first of `metrics`, else by accuracy, else by loss.
bool IsBetter(const std::vector<Metric>& metrics, const Metrics& a,
              const Metrics& b) {
  if (!metrics.empty()) {
    const double x = metrics[0].value(a), y = metrics[0].value(b);
    return metrics[0].higher_is_better ? x > y : x < y;
  }
  return std::isnan(a.accuracy()) ? a.loss() < b.loss()
                                  : a.accuracy() > b.accuracy();
}

// Computes the outcome of `batch` again, to say which op was the first whose
// result was not finite: "\n  exp in 2: ...".
std::string FirstNonFinite(const Objective& objective, const data::Batch& batch,
                           Rng rng) {
  inspect::NanTracer tracer;
  const ObserverScope observe(&tracer);
  objective(batch, {.training = true, .rng = &rng});
  if (!tracer.first()) return "";
  const std::string what(
      absl::StripTrailingAsciiWhitespace(tracer.first()->ToString()));
  return absl::StrCat("\n  ", absl::StrReplaceAll(what, {{"\n", "\n  "}}));
}

}  // namespace

TrainResult Train(const nn::Module& model, const Objective& objective,
                  optim::Optimizer& optimizer, const data::Dataset& train,
                  const data::Dataset& test, const TrainOptions& options) {
  if (options.epochs < 1) {
    throw ValueError(
        absl::StrCat("train: epochs must be at least 1: ", options.epochs));
  }
  const data::Batches batches(train, {.size = options.batch_size,
                                      .seed = options.seed,
                                      .shuffle = options.shuffle});
  Rng rng = Rng(options.seed).Split();
  const nn::Pass pass = {.training = true, .rng = &rng};
  const Clock::time_point start = Clock::now();
  const double learning_rate = optimizer.learning_rate();
  // However the training ends, the optimizer has its own rate again.
  const absl::Cleanup restore = [&] {
    optimizer.set_learning_rate(learning_rate);
  };
  int64_t steps = 0;
  Metrics best;
  TrainResult result;
  for (int64_t epoch = 0; epoch < options.epochs; ++epoch) {
    EpochReport report = {.epoch = epoch + 1, .epochs = options.epochs};
    const Clock::time_point epoch_start = Clock::now();
    double first_step_seconds = 0;
    for (const data::Batch& batch : batches.Epoch(epoch)) {
      const Rng before = rng;
      Outcome outcome = objective(batch, pass);
      const double value = outcome.loss.item();
      if (!std::isfinite(value)) {
        result.exit_reason = "diverged";
        result.message =
            absl::StrCat("the loss is ", value, " in epoch ", report.epoch,
                         ", step ", batch.index + 1, " of ",
                         batches.num_batches(), "; try a lower learning rate",
                         FirstNonFinite(objective, batch, before));
        return result;
      }
      report.train.Add(outcome);
      // The loss alone leads to the graph now: Grad frees it as it goes, and
      // Step finds nobody else holding the parameters.
      Tensor loss = std::exchange(outcome, {}).loss;
      if (options.schedule) {
        optimizer.set_learning_rate(learning_rate * options.schedule(steps));
      }
      ++steps;
      Gradients gradients = Grad(std::move(loss), model);
      if (options.clip_norm > 0) {
        gradients = optim::ClipByNorm(gradients, options.clip_norm).gradients;
      }
      optimizer.Step(model, gradients);
      if (++report.steps == 1) first_step_seconds = SecondsSince(epoch_start);
    }
    report.train_seconds = SecondsSince(epoch_start);
    // The run's first step fills the memory cache and is not like the others.
    const bool skip_first = epoch == 0 && report.steps > 1;
    report.step_seconds =
        (report.train_seconds - (skip_first ? first_step_seconds : 0)) /
        static_cast<double>(report.steps - skip_first);
    report.test = Evaluate(objective, test);
    report.best = epoch == 0 || IsBetter(options.metrics, report.test, best);
    if (report.best) best = report.test;
    report.total_seconds = SecondsSince(start);
    if (options.on_epoch) options.on_epoch(report);
    result.epochs.push_back(report);
  }
  result.exit_reason = "completed";
  return result;
}

TrainResult Train(const nn::Layer& model, optim::Optimizer& optimizer,
                  const data::Dataset& train, const data::Dataset& test,
                  const TrainOptions& options) {
  return Train(model, Supervised(model, options.loss), optimizer, train, test,
               options);
}

}  // namespace adjoint::train
