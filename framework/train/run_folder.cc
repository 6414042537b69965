#include "framework/train/run_folder.h"

#include <filesystem>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "framework/base/file.h"
#include "framework/train/best.h"
#include "framework/train/run.h"

namespace adjoint::train {
namespace {

namespace fs = std::filesystem;

bool IsRun(const fs::path& folder) {
  std::error_code unreadable;
  return fs::exists(folder / "config.json", unreadable);
}

// The folder in `folder` whose run was begun last; "" if there is no run.
std::string NewestRunIn(const std::string& folder) {
  std::string newest;
  fs::file_time_type begun;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end;
       it.increment(error)) {
    if (!IsRun(it->path())) continue;
    std::error_code gone;
    const auto time = fs::last_write_time(it->path() / "config.json", gone);
    if (gone || (!newest.empty() && time <= begun)) continue;
    begun = time;
    newest = it->path().string();
  }
  return newest;
}

// Whether there is a run in `folder` to go on with, as --resume says.
absl::Status CheckIsRun(const std::string& folder) {
  std::error_code error;
  if (!fs::exists(folder, error)) {
    return absl::NotFoundError(
        absl::StrCat("--resume=", folder, ": there is no such folder"));
  }
  if (IsRun(folder)) return absl::OkStatus();
  const std::string newest = NewestRunIn(folder);
  return absl::NotFoundError(absl::StrCat(
      "--resume=", folder, " is no run's folder: it has no config.json",
      newest.empty() ? "" : "; the newest run in it is ", newest));
}

}  // namespace

bool GoesOn(const SharedFlags& flags) {
  return flags.resume == "auto"
             ? CheckpointFolder(flags.run_dir + "/checkpoints").HasAny()
             : !flags.resume.empty();
}

absl::StatusOr<std::unique_ptr<RunFolder>> RunFolder::Open(
    const SharedFlags& flags, const RunConfig& config, const TrainState& state,
    const std::vector<Metric>& metrics) {
  if (!flags.resume.empty() && flags.resume != "auto") {
    const absl::Status status = CheckIsRun(flags.resume);
    if (!status.ok()) return status;
  }
  absl::StatusOr<std::string> path = MakeRunDir(config.model, flags.run_dir);
  if (!path.ok()) return path.status();
  absl::StatusOr<std::unique_ptr<RunLock>> lock = RunLock::Take(*path);
  if (!lock.ok()) return lock.status();
  std::unique_ptr<RunFolder> folder(
      new RunFolder(*std::move(path), *std::move(lock), flags));
  RemoveTemporaries(folder->path_);
  RemoveTemporaries(folder->path_ + "/checkpoints");
  const bool resume = folder->has_checkpoint() || flags.resume == folder->path_;
  if (resume && flags.resume.empty()) {
    return absl::AlreadyExistsError(absl::StrCat(
        folder->path_, " has a run already: --resume=", folder->path_,
        " goes on with it; or name another --run_dir"));
  }
  absl::Status status;
  if (resume) {
    status = folder->Resume(config, state);
  } else {
    folder->WriteConfigInBackground(config);
  }
  if (!status.ok()) return status;
  status =
      folder->OpenLog({.every = flags.log_every, .metrics = metrics}, resume);
  if (!status.ok()) return status;
  return folder;
}

// It is needed once there is a checkpoint to go on from.
void RunFolder::WriteConfigInBackground(const RunConfig& config) {
  config_ = std::async(WriteConfig, path_, config);
}

absl::Status RunFolder::WaitForConfig() {
  return config_.valid() ? config_.get() : absl::OkStatus();
}

absl::Status RunFolder::Resume(const RunConfig& config,
                               const TrainState& state) {
  absl::StatusOr<RunConfig> saved = ReadConfig(path_);
  if (!saved.ok()) return saved.status();
  // More epochs of one rate change nothing in those before.
  const auto schedule = saved->flags.find("schedule");
  const bool may_be_longer =
      schedule != saved->flags.end() && schedule->second == "constant";
  const auto differences =
      Differences(*saved, config, [&](absl::string_view flag) {
        return DecidesResult(flag) && !(may_be_longer && flag == "epochs");
      });
  const bool differs_in_epochs =
      !differences.empty() && absl::StartsWith(differences[0], "--epochs ");
  if (!differences.empty()) {
    std::string text = absl::StrCat(
        path_, " was another run, which cannot go on as this one:", "\n  ",
        absl::StrJoin(differences, "\n  "));
    if (differences.size() == 1 && differs_in_epochs) {
      absl::StrAppend(&text,
                      "\nits learning rate follows from --epochs, unless "
                      "--schedule is constant; --init=",
                      path_, " begins another run with its weights");
    }
    return absl::FailedPreconditionError(text);
  }
  absl::StatusOr<Progress> progress = LoadNewest(state);
  if (!progress.ok()) return progress.status();
  progress_ = *std::move(progress);
  return UpdateEnd(*std::move(saved), config);
}

// Notes what may end the run now.
absl::Status RunFolder::UpdateEnd(RunConfig saved, const RunConfig& config) {
  bool changed = false;
  for (const char* flag : {"epochs", "patience", "rollbacks"}) {
    const auto now = config.flags.find(flag);
    if (now == config.flags.end() || saved.flags[flag] == now->second) continue;
    saved.flags[flag] = now->second;
    changed = true;
  }
  return changed ? WriteConfig(path_, saved) : absl::OkStatus();
}

absl::Status RunFolder::OpenLog(RunLogOptions options, bool resume) {
  if (resume) {
    options.resume_step = progress_.step;
    options.resume_epochs = static_cast<int64_t>(progress_.epochs.size());
    const EpochReport* best = BestOf(progress_.epochs, progress_.undone_best);
    if (best != nullptr) options.best_seconds = best->total_seconds;
  }
  absl::StatusOr<std::unique_ptr<RunLog>> log = RunLog::Open(path_, options);
  if (!log.ok()) return log.status();
  log_ = *std::move(log);
  if (!log_->passed_over().empty()) warnings_.push_back(log_->passed_over());
  return absl::OkStatus();
}

absl::StatusOr<Progress> RunFolder::LoadNewest(const TrainState& state) {
  return checkpoints_.LoadNewest(state, warnings_);
}

absl::Status RunFolder::Save(const TrainState& state, const Progress& progress,
                             bool is_best) {
  // Else checkpoints would go where nothing else of the run is.
  absl::Status status = CheckPlace();
  if (!status.ok()) return status;
  status = WaitForConfig();
  // Not behind the checkpoint: a run that goes on from there has these rows.
  status.Update(log_->Flush());
  status.Update(checkpoints_.SaveInBackground(state, progress, is_best));
  return status;
}

absl::StatusOr<Progress> RunFolder::GoBack(const TrainState& state) {
  absl::Status status = checkpoints_.Wait();
  if (!status.ok()) return status;
  absl::StatusOr<Progress> progress = LoadNewest(state);
  if (progress.ok() && progress->step == back_at_) {
    checkpoints_.Drop(progress->step);
    progress = LoadNewest(state);
  }
  if (!progress.ok()) return progress;
  back_at_ = progress->step;
  status = log_->GoBack(progress->step,
                        static_cast<int64_t>(progress->epochs.size()));
  if (!status.ok()) return status;
  return progress;
}

absl::Status RunFolder::Flush() {
  absl::Status status = WaitForConfig();
  status.Update(checkpoints_.Wait());
  status.Update(log_->Flush());
  return status;
}

}  // namespace adjoint::train
