#include "framework/train/train.h"

#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "framework/data/batches.h"
#include "framework/optim/clip.h"
#include "framework/train/best.h"
#include "framework/train/divergence.h"
#include "framework/train/roll_back.h"
#include "framework/train/run_clock.h"
#include "framework/train/step_gradient.h"
#include "framework/train/train_arguments.h"

namespace adjoint::train {
namespace {

using Phase = inspect::Profiler::Phase;

constexpr double kNotComputed = std::numeric_limits<double>::quiet_NaN();

// One call of Train. What a later call needs to go on is in progress_.
class Loop {
 public:
  Loop(const nn::Module& model, const Objective& objective,
       optim::Optimizer& optimizer, const data::Dataset& train,
       const data::Dataset& test, const TrainOptions& options)
      : model_(model),
        objective_(objective),
        optimizer_(optimizer),
        test_(test),
        options_(options),
        batches_(train, {.size = options.batch_size,
                         .seed = options.seed,
                         .shuffle = options.shuffle}),
        learning_rate_(optimizer.learning_rate()),
        progress_(options.resume),
        clock_(options.resume.total_seconds),
        step_(options.accumulate) {}

  TrainResult Run() {
    // However the training ends, the optimizer has its own rate again.
    const absl::Cleanup restore = [this] {
      optimizer_.set_learning_rate(learning_rate_);
    };
    while (result_.exit_reason.empty()) {
      if (IsOver() || !MakeSteps()) continue;
      EndEpoch();
    }
    result_.epochs = std::move(progress_.epochs);
    result_.undone_best = std::move(progress_.undone_best);
    result_.steps = progress_.step;
    result_.skipped_steps = progress_.skipped;
    result_.rollbacks = progress_.rollbacks;
    return std::move(result_);
  }

 private:
  // Whether no further epoch is wanted; then the reason is set.
  bool IsOver() {
    const int64_t done = progress_.epochs.size();
    const EpochReport* best = BestOf(progress_.epochs, progress_.undone_best);
    if (done >= options_.epochs) {
      result_.exit_reason = "completed";
    } else if (options_.patience > 0 && best != nullptr &&
               done - best->epoch >= options_.patience) {
      result_.exit_reason = "early_stopping";
    }
    if (result_.exit_reason.empty()) return false;
    if (options_.on_evaluated && progress_.step == options_.resume.step) {
      EvaluateAverages();  // Nobody has been told yet.
    }
    return true;
  }

  // Makes the steps that the epoch has left. False if it was not finished.
  bool MakeSteps() {
    const int64_t epoch = progress_.epochs.size();
    rng_ = progress_.rng ? Rng(*progress_.rng) : Rng(options_.seed).Split();
    clock_.BeginEpoch(progress_.epoch_seconds);
    std::optional<Phase> gathering(std::in_place, options_.profiler, "data");
    for (const data::Batch& batch : batches_.Epoch(epoch, progress_.batch)) {
      gathering.reset();
      if (!LearnFrom(batch)) return false;
      const bool whole = ++progress_.batch % options_.accumulate == 0 ||
                         progress_.batch == batches_.num_batches();
      if (whole && !Step()) return false;
      gathering.emplace(options_.profiler, "data");
    }
    return true;
  }

  // Adds the gradient of `batch` to that of the step. False if it has none.
  bool LearnFrom(const data::Batch& batch) {
    const Rng before = rng_;
    Outcome outcome = [&] {
      const Phase phase(options_.profiler, "forward");
      return objective_(batch, {.training = true, .rng = &rng_});
    }();
    const double value = LossValue(outcome.loss);
    if (!std::isfinite(value)) return Diverge(batch, before, value);
    progress_.train.Add(outcome);
    // The loss alone leads to the graph now: Grad frees it as it goes, and Step
    // finds nobody else holding the parameters.
    Tensor loss = std::exchange(outcome, {}).loss;
    Gradients gradients = [&] {
      const Phase phase(options_.profiler, "backward");
      return Grad(std::move(loss), model_);
    }();
    if (options_.accumulate == 1) norm_ = NormOrNan(gradients);
    // A finite norm tells of all elements: no need to look at them again.
    if (options_.skip_outliers == 0 && !std::isfinite(norm_) &&
        !optim::AllFinite(gradients)) {
      return Diverge(batch, before, value, &gradients);
    }
    step_.Add(std::move(gradients), value, batch.size());
    return true;
  }

  // Changes the parameters. False if the training is to end.
  bool Step() {
    std::optional<Phase> phase(std::in_place, options_.profiler, "optimizer");
    StepGradient::Mean mean = step_.Take();
    const double factor =
        options_.schedule ? options_.schedule(progress_.step) : 1;
    optimizer_.set_learning_rate(learning_rate_ * progress_.rate_factor *
                                 factor);
    if (options_.accumulate > 1) norm_ = NormOrNan(mean.gradients);
    const double norm = std::exchange(norm_, kNotComputed);
    ++progress_.step;
    const bool skipped =
        options_.skip_outliers > 0 &&
        progress_.norms.IsOutlier(norm, options_.skip_outliers);
    if (skipped) {
      ++progress_.skipped;
    } else {
      const double shrink = options_.clip_norm > 0
                                ? optim::ClipFactor(norm, options_.clip_norm)
                                : 1;
      optimizer_.Step(model_, mean.gradients, {.gradient_factor = shrink});
      if (options_.ema != nullptr) options_.ema->Update(model_);
    }
    mean.gradients = {};
    phase.reset();
    return Report(mean, norm, skipped);
  }

  // That of the gradients of the next step, unless nobody asks for it.
  double NormOrNan(const Gradients& gradients) const {
    const bool asked = options_.norm_every > 0 &&
                       (progress_.step + 1) % options_.norm_every == 0;
    return asked || options_.clip_norm > 0 || options_.skip_outliers > 0
               ? optim::GlobalNorm(gradients)
               : kNotComputed;
  }

  // Tells of the step. False if the training is to end.
  bool Report(const StepGradient::Mean& mean, double norm, bool skipped) {
    progress_.rng = rng_.state();
    progress_.epoch_seconds = clock_.epoch();
    progress_.total_seconds = clock_.total();
    if (progress_.step == 1) {
      progress_.first_step_seconds = progress_.epoch_seconds;
    }
    const StepReport report = {
        .epoch = static_cast<int64_t>(progress_.epochs.size()) + 1,
        .epochs = options_.epochs,
        .batch = progress_.batch,
        .batches = batches_.num_batches(),
        .step = progress_.step,
        .examples = mean.examples,
        .loss = mean.loss,
        .learning_rate = optimizer_.learning_rate(),
        .gradient_norm = norm,
        .total_seconds = progress_.total_seconds,
        .skipped = skipped,
        .progress = progress_};
    const Phase phase(options_.profiler, "saving");
    if (options_.on_step && options_.on_step(report) == Next::kStop) {
      result_.exit_reason = "stopped";
    } else if (options_.max_seconds > 0 &&
               progress_.total_seconds >= options_.max_seconds) {
      result_.exit_reason = "time";
    }
    return result_.exit_reason.empty();
  }

  void EndEpoch() {
    EpochReport report = {
        .epoch = static_cast<int64_t>(progress_.epochs.size()) + 1,
        .epochs = options_.epochs,
        .steps = progress_.step,
        .train_seconds = progress_.epoch_seconds,
        .train = std::exchange(progress_.train, {}),
        .test = EvaluateAverages()};
    for (const EpochReport& r : progress_.epochs) report.steps -= r.steps;
    // The run's first step fills the memory cache and is not like the others.
    const bool skip_first = report.epoch == 1 && report.steps > 1;
    report.step_seconds = (report.train_seconds -
                           (skip_first ? progress_.first_step_seconds : 0)) /
                          static_cast<double>(report.steps - skip_first);
    report.best = IsBest(report, progress_, options_.metrics);
    if (report.best) progress_.undone_best.reset();
    report.total_seconds = clock_.total();
    progress_.total_seconds = report.total_seconds;
    progress_.batch = 0;
    progress_.epoch_seconds = 0;
    progress_.epochs.push_back(report);
    const Phase phase(options_.profiler, "saving");
    if (options_.on_epoch) options_.on_epoch(report);
    if (options_.on_progress &&
        options_.on_progress(progress_) == Next::kStop && !IsOver()) {
      result_.exit_reason = "stopped";
    }
  }

  // On the test set, with the averaged weights where there are any.
  Metrics EvaluateAverages() {
    const auto swap = [this] {
      if (options_.ema != nullptr) options_.ema->Swap(model_);
    };
    const Phase phase(options_.profiler, "evaluation");
    swap();
    const absl::Cleanup swap_back = swap;
    return Evaluate(objective_, test_, {.on_batch = options_.on_evaluated});
  }

  // Goes back to where all was well, or ends the training. False.
  bool Diverge(const data::Batch& batch, Rng before, double loss,
               const Gradients* gradients = nullptr) {
    const int64_t epochs = progress_.epochs.size();
    const data::Epoch epoch = batches_.Epoch(epochs);
    Divergence found = Diagnose(model_, objective_,
                                {.epoch = epochs + 1,
                                 .step = progress_.step + 1,
                                 .batch = batch,
                                 .batches = batches_.num_batches(),
                                 .rows = epoch.Rows(batch.index),
                                 .loss = loss,
                                 .gradients = gradients,
                                 .rng = before});
    step_ = StepGradient(options_.accumulate);
    // With these examples or initial weights it would only come here again.
    if (options_.roll_back && progress_.rollbacks < options_.rollbacks &&
        found.blame == Blame::kTraining) {
      absl::StatusOr<Progress> earlier = options_.roll_back(found);
      if (earlier.ok()) {
        progress_ =
            AfterRollBack(*std::move(earlier), progress_, options_.metrics);
        return false;
      }
      absl::StrAppend(&found.message,
                      "\n  no way back: ", earlier.status().message());
    }
    result_.exit_reason = "diverged";
    result_.message = std::move(found.message);
    result_.blame = found.blame;
    return false;
  }

  const nn::Module& model_;
  const Objective& objective_;
  optim::Optimizer& optimizer_;
  const data::Dataset& test_;
  const TrainOptions& options_;
  const data::Batches batches_;
  const double learning_rate_;
  Progress progress_;
  RunClock clock_;
  TrainResult result_;

  StepGradient step_;
  double norm_ = kNotComputed;  // Of the step's gradient, once it is whole.
  Rng rng_ = Rng(0);
};

}  // namespace

TrainResult Train(const nn::Module& model, const Objective& objective,
                  optim::Optimizer& optimizer, const data::Dataset& train,
                  const data::Dataset& test, const TrainOptions& options) {
  CheckOptions(options);
  CheckHasExamples(train, "training");
  CheckHasExamples(test, "test");
  return Loop(model, objective, optimizer, train, test, options).Run();
}

TrainResult Train(const nn::Layer& model, optim::Optimizer& optimizer,
                  const data::Dataset& train, const data::Dataset& test,
                  const TrainOptions& options) {
  return Train(model, Supervised(model, options.loss), optimizer, train, test,
               options);
}

}  // namespace adjoint::train
