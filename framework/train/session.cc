#include "framework/train/session.h"

#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "framework/base/parallel_for.h"
#include "framework/data/batches.h"
#include "framework/inspect/profiler.h"
#include "framework/train/config.h"
#include "framework/train/git_commit.h"
#include "framework/train/inspect_task.h"
#include "framework/train/interrupt.h"
#include "framework/train/make_task.h"
#include "framework/train/reporter.h"
#include "framework/train/run_end.h"
#include "framework/train/run_errors.h"
#include "framework/train/run_folder.h"
#include "framework/train/terminal.h"
#include "framework/train/weights.h"

namespace adjoint::train {
namespace {

using Clock = std::chrono::steady_clock;

class Session {
 public:
  Session(const Program& program, const SharedFlags& flags,
          std::unique_ptr<Task> task)
      : program_(program),
        flags_(flags),
        task_(std::move(task)),
        objective_(ObjectiveOf(*task_)),
        metrics_(task_->metrics()),
        optimizer_(MakeOptimizer(program, flags.recipe)),
        terminal_({.format = flags.json ? LogFormat::kJson : LogFormat::kText,
                   .quiet = flags.quiet,
                   .metrics = metrics_,
                   .display = StderrDisplay()}) {
    if (flags.recipe.ema_decay > 0) {
      ema_.emplace(task_->model(),
                   optim::EmaOptions{.decay = flags.recipe.ema_decay});
    }
  }

  // Finds or makes the folder, and what there is to go on from.
  absl::Status Open(std::string commit) {
    RunConfig config = DescribeRun(program_.name, *task_, FlagValues(), commit);
    if (!flags_.init.empty() && !GoesOn(flags_)) {
      config.facts["init_sha256"] = WeightsSha256(task_->model());
    }
    commit_ = std::move(commit);
    absl::StatusOr<std::unique_ptr<RunFolder>> folder =
        RunFolder::Open(flags_, config, State(), metrics_);
    if (!folder.ok()) return folder.status();
    folder_ = *std::move(folder);
    TellWarnings();
    reporter_.emplace(*task_, folder_->path(), ToJson(config));
    return UpdateReport(folder_->progress().total_seconds);
  }

  absl::StatusOr<int> Run() {
    terminal_.Header({.model = program_.name,
                      .seed = flags_.seed,
                      .commit = ShortCommit(commit_),
                      .run_dir = folder_->path(),
                      .data = DataLine(*task_),
                      .layers = LayerTable(task_->model(), objective_,
                                           task_->test_data().Gather({0}))});
    if (folder_->progress().step > 0) {
      terminal_.Message(ResumedText(folder_->progress(), flags_.recipe.epochs));
    }
    // The first epoch may be the one that diverges.
    if (flags_.rollbacks > 0 && !folder_->has_checkpoint()) {
      errors_.Note(folder_->Save(State(), Progress(), /*is_best=*/false));
    }
    Interrupt interrupt({.live = StderrDisplay().live});
    interrupt_ = &interrupt;
    std::optional<ObserverScope> observe;
    if (flags_.profile) observe.emplace(&profiler_);
    const TrainResult result =
        Train(task_->model(), objective_, *optimizer_, task_->train_data(),
              task_->test_data(), Options());
    observe.reset();
    const absl::Status status = End(result);
    if (!status.ok()) return status;
    return interrupt.exit_code();
  }

 private:
  TrainState State() {
    return {task_->model(), *optimizer_, ema_ ? &*ema_ : nullptr};
  }

  // Null unless it is asked for.
  inspect::Profiler* profiler() {
    return flags_.profile ? &profiler_ : nullptr;
  }

  void TellWarnings() {
    for (const std::string& line : folder_->TakeWarnings()) {
      terminal_.Warning(line);
    }
  }

  TrainOptions Options() {
    const Recipe& recipe = flags_.recipe;
    const data::Batches batches(task_->train_data(),
                                {.size = recipe.batch_size});
    TrainOptions options = {
        .epochs = recipe.epochs,
        .batch_size = recipe.batch_size,
        .accumulate = recipe.accumulate,
        .seed = flags_.seed,
        .shuffle = program_.shuffle,
        .schedule = MakeSchedule(recipe, batches.num_batches()),
        .clip_norm = recipe.clip_norm,
        .metrics = metrics_,
        .ema = ema_ ? &*ema_ : nullptr,
        .patience = recipe.patience,
        .max_seconds = flags_.max_seconds,
        .skip_outliers = recipe.skip_outliers,
        .rollbacks = flags_.rollbacks,
        .resume = folder_->progress(),
        .on_step = [this](const StepReport& r) { return OnStep(r); },
        .on_evaluated =
            [this](const data::Batch& batch, const Outcome& outcome) {
              reporter_->OnEvaluated(batch, outcome);
            },
        .on_epoch = [this](const EpochReport& r) { OnEpoch(r); },
        .on_progress = [this](const Progress& p) { return OnProgress(p); },
        .norm_every = flags_.log_every,
        .profiler = profiler()};
    if (flags_.rollbacks > 0) {
      options.roll_back = [this](const Divergence& d) { return RollBack(d); };
    }
    return options;
  }

  Next OnStep(const StepReport& report) {
    terminal_.Step(report);
    errors_.Note(folder_->log().Step(report));
    errors_.Note(UpdateReport(report.total_seconds));
    const bool interrupted = interrupt_->requested();
    const bool last =
        interrupted ||
        (flags_.max_seconds > 0 && report.total_seconds >= flags_.max_seconds);
    const int64_t every = flags_.checkpoint_every;
    if (last || (every > 0 && report.step % every == 0)) {
      Save(report.progress, /*is_best=*/false);
    }
    return interrupted || !errors_.first().ok() ? Next::kStop : Next::kGoOn;
  }

  void OnEpoch(const EpochReport& report) {
    errors_.Note(folder_->log().Epoch(report));
    errors_.Note(UpdateReport(report.total_seconds));
    if (program_.on_epoch && !flags_.json && !flags_.quiet) {
      program_.on_epoch(report);
    } else {
      terminal_.Epoch(report);
    }
  }

  Next OnProgress(const Progress& progress) {
    const EpochReport& epoch = progress.epochs.back();
    // Saving would take most of the time of very short epochs, and no more than
    // a second is lost.
    const bool due = Clock::now() - saved_ >= std::chrono::seconds(1);
    const bool interrupted = interrupt_->requested();
    if (epoch.epoch == epoch.epochs || due || interrupted) {
      Save(progress, epoch.best);
    } else if (epoch.best) {
      folder_->RememberBest(State(), progress);
    }
    return interrupted || !errors_.first().ok() ? Next::kStop : Next::kGoOn;
  }

  absl::Status UpdateReport(double seconds) {
    return reporter_->Update(folder_->log().rows(), seconds);
  }

  void Save(const Progress& progress, bool is_best) {
    errors_.Note(folder_->Save(State(), progress, is_best));
    saved_ = Clock::now();
  }

  absl::StatusOr<Progress> RollBack(const Divergence& found) {
    absl::StatusOr<Progress> progress = folder_->GoBack(State());
    TellWarnings();
    if (progress.ok()) {
      const absl::string_view what = found.message;
      terminal_.Warning(absl::StrCat(
          "diverged: ", what.substr(0, what.find('\n')), "; back to step ",
          progress->step, " and on at half the learning rate"));
    }
    return progress;
  }

  absl::Status End(const TrainResult& result) {
    return EndRun({.program = program_,
                   .flags = flags_,
                   .task = *task_,
                   .ema = ema_ ? &*ema_ : nullptr,
                   .profiler = profiler(),
                   .wall = Clock::now() - start_,
                   .folder = *folder_,
                   .reporter = *reporter_,
                   .terminal = terminal_,
                   .errors = errors_},
                  result);
  }

  const Clock::time_point start_ = Clock::now();
  const Program& program_;
  const SharedFlags& flags_;
  const std::unique_ptr<Task> task_;
  const Objective objective_;
  const std::vector<Metric> metrics_;
  const std::unique_ptr<optim::Optimizer> optimizer_;
  std::optional<optim::Ema> ema_;
  Terminal terminal_;
  inspect::Profiler profiler_;

  std::string commit_;
  std::unique_ptr<RunFolder> folder_;
  std::optional<Reporter> reporter_;
  const Interrupt* interrupt_ = nullptr;
  Clock::time_point saved_ = start_;  // When the last checkpoint was made.
  RunErrors errors_{terminal_};
};

}  // namespace

absl::StatusOr<int> RunSession(const Program& program,
                               const SharedFlags& flags) {
  SetNumThreads(flags.threads);
  // git takes a while, as reading the data does.
  std::future<std::string> commit = std::async(WorkspaceCommit);
  absl::StatusOr<std::unique_ptr<Task>> made = MakeTask(program, flags);
  if (!made.ok()) return made.status();
  std::unique_ptr<Task> task = *std::move(made);
  if (flags.explain || flags.dry_run) {
    absl::PrintF("%s", InspectTask(program, flags, *task));
    return 0;
  }
  Session session(program, flags, std::move(task));
  const absl::Status opened = session.Open(commit.get());
  if (!opened.ok()) return opened;
  return session.Run();
}

}  // namespace adjoint::train
