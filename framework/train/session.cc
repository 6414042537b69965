#include "framework/train/session.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "framework/base/file.h"
#include "framework/base/parallel_for.h"
#include "framework/data/batches.h"
#include "framework/inspect/profiler.h"
#include "framework/train/checkpoint.h"
#include "framework/train/config.h"
#include "framework/train/few_examples.h"
#include "framework/train/held_out.h"
#include "framework/train/inspect_task.h"
#include "framework/train/interrupt.h"
#include "framework/train/load.h"
#include "framework/train/reporter.h"
#include "framework/train/resume_command.h"
#include "framework/train/run.h"
#include "framework/train/run_lock.h"
#include "framework/train/run_log.h"
#include "framework/train/terminal.h"
#include "framework/train/weights.h"

namespace adjoint::train {
namespace {

using Clock = std::chrono::steady_clock;

TerminalOptions TerminalFor(const SharedFlags& flags,
                            const std::vector<Metric>& metrics) {
  return {.format = flags.json ? LogFormat::kJson : LogFormat::kText,
          .quiet = flags.quiet,
          .metrics = metrics,
          .display = StderrDisplay()};
}

class Session {
 public:
  Session(const Program& program, const SharedFlags& flags,
          std::unique_ptr<Task> task)
      : program_(program),
        flags_(flags),
        task_(std::move(task)),
        objective_(ObjectiveOf(*task_)),
        metrics_(task_->metrics()),
        optimizer_(MakeOptimizer(flags.recipe)),
        terminal_(TerminalFor(flags, metrics_)) {
    if (flags.recipe.ema_decay > 0) {
      ema_.emplace(task_->model(),
                   optim::EmaOptions{.decay = flags.recipe.ema_decay});
    }
  }

  // Finds or makes the folder, and what there is to go on from.
  absl::Status Open() {
    if (!flags_.resume.empty() && flags_.resume != "auto" &&
        !std::filesystem::exists(flags_.resume)) {
      return absl::NotFoundError(absl::StrCat("--resume=", flags_.resume,
                                              ": there is no such folder"));
    }
    absl::StatusOr<std::string> run_dir =
        MakeRunDir(program_.name, flags_.run_dir);
    if (!run_dir.ok()) return run_dir.status();
    run_dir_ = *std::move(run_dir);
    absl::StatusOr<std::unique_ptr<RunLock>> lock = RunLock::Take(run_dir_);
    if (!lock.ok()) return lock.status();
    lock_ = *std::move(lock);
    RemoveTemporaries(run_dir_);
    RemoveTemporaries(run_dir_ + "/checkpoints");
    checkpoints_.emplace(run_dir_ + "/checkpoints", flags_.keep_checkpoints);
    const RunConfig config = DescribeRun(program_.name, *task_, FlagValues());
    commit_ = config.facts.at("commit");
    const bool resume = checkpoints_->HasAny() || flags_.resume == run_dir_;
    if (resume && flags_.resume.empty()) {
      return absl::AlreadyExistsError(
          absl::StrCat(run_dir_, " has a run already: --resume=", run_dir_,
                       " goes on with it; or name another --run_dir"));
    }
    absl::Status status =
        resume ? Resume(config) : WriteConfig(run_dir_, config);
    if (!status.ok()) return status;
    absl::StatusOr<std::unique_ptr<RunLog>> log =
        RunLog::Open(run_dir_, LogOptions(resume));
    if (!log.ok()) return log.status();
    log_ = *std::move(log);
    if (!log_->passed_over().empty()) terminal_.Warning(log_->passed_over());
    reporter_.emplace(*task_, run_dir_, ToJson(config));
    return absl::OkStatus();
  }

  absl::StatusOr<int> Run() {
    terminal_.Header({.model = program_.name,
                      .seed = flags_.seed,
                      .commit = commit_.substr(0, 7),
                      .run_dir = run_dir_,
                      .data = DataLine(*task_),
                      .layers = LayerTable(task_->model(), objective_,
                                           task_->test_data().Gather({0}))});
    if (progress_.step > 0) {
      terminal_.Message(absl::StrCat("resumed after step ", progress_.step));
    }
    Interrupt interrupt({.live = StderrDisplay().live});
    interrupt_ = &interrupt;
    std::optional<ObserverScope> observe;
    if (flags_.profile) observe.emplace(&profiler_);
    const TrainResult result =
        Train(task_->model(), objective_, *optimizer_, task_->train_data(),
              task_->test_data(), Options());
    observe.reset();
    const absl::Status status = Finish(result);
    if (!status_.ok()) return status_;
    if (!status.ok()) return status;
    return interrupt.exit_code();
  }

 private:
  TrainState State() {
    return {task_->model(), *optimizer_, ema_ ? &*ema_ : nullptr};
  }

  absl::Status Resume(const RunConfig& config) {
    const absl::StatusOr<RunConfig> saved = ReadConfig(run_dir_);
    if (!saved.ok()) return saved.status();
    const auto differences = Differences(*saved, config, DecidesResult);
    if (!differences.empty()) {
      return absl::FailedPreconditionError(absl::StrCat(
          run_dir_, " was another run, which cannot go on as this one:\n  ",
          absl::StrJoin(differences, "\n  ")));
    }
    absl::StatusOr<Progress> progress = LoadNewest();
    if (!progress.ok()) return progress.status();
    progress_ = *std::move(progress);
    return absl::OkStatus();
  }

  absl::StatusOr<Progress> LoadNewest() {
    std::vector<std::string> passed_over;
    absl::StatusOr<Progress> progress =
        checkpoints_->LoadNewest(State(), passed_over);
    for (const std::string& line : passed_over) terminal_.Warning(line);
    return progress;
  }

  RunLogOptions LogOptions(bool resume) const {
    RunLogOptions options = {.every = flags_.log_every, .metrics = metrics_};
    if (resume) {
      options.resume_step = progress_.step;
      options.resume_epochs = static_cast<int64_t>(progress_.epochs.size());
    }
    return options;
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
        .resume = progress_,
        .on_step = [this](const StepReport& r) { return OnStep(r); },
        .on_evaluated =
            [this](const data::Batch& batch, const Outcome& outcome) {
              reporter_->OnEvaluated(batch, outcome);
            },
        .on_epoch = [this](const EpochReport& r) { OnEpoch(r); },
        .on_progress = [this](const Progress& p) { return OnProgress(p); },
        .norm_every = flags_.log_every,
        .profiler = flags_.profile ? &profiler_ : nullptr};
    if (flags_.rollbacks > 0) options.roll_back = [this] { return RollBack(); };
    return options;
  }

  Next OnStep(const StepReport& report) {
    terminal_.Step(report);
    Note(log_->Step(report));
    const bool interrupted = interrupt_->requested();
    const bool last =
        interrupted ||
        (flags_.max_seconds > 0 && report.total_seconds >= flags_.max_seconds);
    const int64_t every = flags_.checkpoint_every;
    if (last || (every > 0 && report.step % every == 0)) {
      Save(report.progress, /*is_best=*/false);
    }
    return interrupted || !status_.ok() ? Next::kStop : Next::kGoOn;
  }

  void OnEpoch(const EpochReport& report) {
    Note(log_->Epoch(report));
    Note(reporter_->Update(log_->rows()));
    if (program_.on_epoch && !flags_.json && !flags_.quiet) {
      program_.on_epoch(report);
    } else {
      terminal_.Epoch(report);
    }
  }

  Next OnProgress(const Progress& progress) {
    const EpochReport& epoch = progress.epochs.back();
    // Flushing to the disk would take most of the time of very short epochs.
    const bool due = Clock::now() - saved_ >= std::chrono::seconds(1);
    const bool interrupted = interrupt_->requested();
    if (epoch.best || epoch.epoch == epoch.epochs || due || interrupted) {
      Save(progress, epoch.best);
    }
    return interrupted || !status_.ok() ? Next::kStop : Next::kGoOn;
  }

  void Save(const Progress& progress, bool is_best) {
    // Not behind the checkpoint: a run that goes on from there has these rows.
    Note(log_->Flush());
    Note(checkpoints_->SaveInBackground(State(), progress, is_best));
    saved_ = Clock::now();
  }

  absl::StatusOr<Progress> RollBack() {
    Note(checkpoints_->Wait());
    absl::StatusOr<Progress> progress = LoadNewest();
    if (!progress.ok()) return progress;
    terminal_.Warning(absl::StrCat("diverged; back to step ", progress->step,
                                   " and on at half the learning rate"));
    Note(log_->GoBack(progress->step,
                      static_cast<int64_t>(progress->epochs.size())));
    return progress;
  }

  // The first error is what the run ends with: training on without being able
  // to save would lose more.
  void Note(absl::Status status) {
    if (status_.ok()) status_ = std::move(status);
  }

  absl::Status Finish(const TrainResult& result) {
    Note(checkpoints_->Wait());
    Note(log_->Flush());
    // What was evaluated is what is left behind.
    if (ema_) ema_->Swap(task_->model());
    const std::chrono::duration<double> wall = Clock::now() - start_;
    const RunFacts facts = {.model = program_.name,
                            .seed = flags_.seed,
                            .wall_seconds = wall.count(),
                            .weights_sha256 = WeightsSha256(task_->model()),
                            .metrics = metrics_};
    RunEnding ending = {.confusions = reporter_->WorstConfusions(),
                        .report = reporter_->path()};
    ending.resume = CommandToGoOn(result);
    terminal_.Summary(result, facts, run_dir_, ending);
    if (flags_.profile) WriteProfile();
    absl::Status status = WriteSummary(run_dir_, facts, result);
    if (!status.ok()) return status;
    status = SaveWeights(task_->model(), run_dir_ + "/model.safetensors");
    if (!status.ok()) return status;
    const bool trained =
        result.exit_reason != "diverged" && result.exit_reason != "stopped";
    const absl::StatusOr<std::string> shown =
        trained ? task_->Show(run_dir_) : "";
    if (!shown.ok()) return shown.status();
    if (!flags_.json) absl::PrintF("%s", *shown);
    status = reporter_->Finish(log_->rows(), *shown,
                               flags_.profile ? &profiler_ : nullptr);
    if (!status.ok() || result.exit_reason != "diverged") return status;
    return absl::AbortedError(absl::StrCat("diverged: ", result.message));
  }

  // "" if there is nothing left to do.
  std::string CommandToGoOn(const TrainResult& result) const {
    const bool over = result.exit_reason == "completed" ||
                      result.exit_reason == "early_stopping";
    if ((over && status_.ok()) || !checkpoints_->HasAny()) return "";
    // With the same limit it would end after a step.
    return ResumeCommand(ThisCall(), run_dir_,
                         result.exit_reason == "time"
                             ? std::set<std::string>{"max_seconds"}
                             : std::set<std::string>{});
  }

  void WriteProfile() {
    const std::string path = run_dir_ + "/trace.json";
    Note(WriteFileAtomically(path, profiler_.TraceJson()));
    if (flags_.json) return;
    absl::PrintF("%strace %s (open it at ui.perfetto.dev)\n",
                 profiler_.ToString(), path);
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

  std::string run_dir_, commit_;
  std::unique_ptr<RunLock> lock_;
  std::optional<CheckpointFolder> checkpoints_;
  std::unique_ptr<RunLog> log_;
  std::optional<Reporter> reporter_;
  Progress progress_;  // Where the run goes on.
  const Interrupt* interrupt_ = nullptr;
  Clock::time_point saved_ = start_;
  absl::Status status_;
};

}  // namespace

absl::StatusOr<int> RunSession(const Program& program,
                               const SharedFlags& flags) {
  SetNumThreads(flags.threads);
  absl::StatusOr<std::unique_ptr<Task>> made =
      program.make({.seed = flags.seed, .data_dir = flags.data_dir});
  if (!made.ok()) return made.status();
  std::unique_ptr<Task> task = *std::move(made);
  if (flags.validation_fraction > 0) {
    task = std::make_unique<HeldOut>(
        std::move(task), HeldOutOptions{.fraction = flags.validation_fraction,
                                        .seed = flags.seed,
                                        .shuffle = program.shuffle});
  }
  if (flags.overfit > 0) {
    task = std::make_unique<FewExamples>(
        std::move(task), flags.overfit * flags.recipe.batch_size);
  }
  if (flags.explain || flags.dry_run) {
    absl::PrintF("%s", flags.explain ? ExplainTask(*task, flags.recipe)
                                     : DescribeTask(*task, flags.recipe));
    return 0;
  }
  Session session(program, flags, std::move(task));
  const absl::Status status = session.Open();
  if (!status.ok()) return status;
  return session.Run();
}

}  // namespace adjoint::train
