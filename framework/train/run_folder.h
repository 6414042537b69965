// The folder of a run while the run goes on: its lock, log and checkpoints.
#ifndef ADJOINT_FRAMEWORK_TRAIN_RUN_FOLDER_H_
#define ADJOINT_FRAMEWORK_TRAIN_RUN_FOLDER_H_

#include <cstdint>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "framework/train/checkpoint.h"
#include "framework/train/config.h"
#include "framework/train/metrics.h"
#include "framework/train/progress.h"
#include "framework/train/run_lock.h"
#include "framework/train/run_log.h"
#include "framework/train/shared_flags.h"

namespace adjoint::train {

// Whether `flags` ask to go on with a run, rather than to begin one.
bool GoesOn(const SharedFlags& flags);

class RunFolder {
 public:
  // Makes the folder that `flags` ask for; or finds a run in it that they ask
  // to go on with, sets `state` to its newest whole checkpoint and cuts its log
  // back to there. An error if another process is in it, if there is a run that
  // was not asked for or none that was, or if that was another run than
  // `config` describes, with each difference; one at a constant rate may go on
  // for more epochs.
  static absl::StatusOr<std::unique_ptr<RunFolder>> Open(
      const SharedFlags& flags, const RunConfig& config,
      const TrainState& state, const std::vector<Metric>& metrics);

  const std::string& path() const { return path_; }

  // Where the run goes on, as it was opened.
  const Progress& progress() const { return progress_; }

  RunLog& log() { return *log_; }
  bool has_checkpoint() const { return checkpoints_.HasAny(); }

  // What was damaged and passed over, a line each, since the last call.
  std::vector<std::string> TakeWarnings() {
    return std::exchange(warnings_, {});
  }

  // As RunLock has it.
  absl::Status CheckPlace() const { return lock_->CheckPlace(); }

  // A checkpoint, written while the training goes on, and the log as far. Tells
  // the errors of the one before, and that of CheckPlace.
  absl::Status Save(const TrainState& state, const Progress& progress,
                    bool is_best);

  // As CheckpointFolder's.
  void RememberBest(const TrainState& state, const Progress& progress) {
    checkpoints_.RememberBest(state, progress);
  }

  // Sets `state` to the newest whole checkpoint and cuts the log back to there.
  // If it went back to the same one last time, that is removed and the one
  // before taken, where there is one: who goes on from it diverges.
  absl::StatusOr<Progress> GoBack(const TrainState& state);

  // Waits until all is in the files.
  absl::Status Flush();

 private:
  RunFolder(std::string path, std::unique_ptr<RunLock> lock,
            const SharedFlags& flags)
      : path_(std::move(path)),
        lock_(std::move(lock)),
        checkpoints_(path_ + "/checkpoints", flags.keep_checkpoints) {}

  void WriteConfigInBackground(const RunConfig& config);
  absl::Status WaitForConfig();
  absl::Status Resume(const RunConfig& config, const TrainState& state);
  absl::Status UpdateEnd(RunConfig saved, const RunConfig& config);
  absl::Status OpenLog(RunLogOptions options, bool resume);
  absl::StatusOr<Progress> LoadNewest(const TrainState& state);

  const std::string path_;
  const std::unique_ptr<RunLock> lock_;
  CheckpointFolder checkpoints_;
  Progress progress_;
  int64_t back_at_ = -1;  // The step of the last GoBack.
  std::unique_ptr<RunLog> log_;
  std::future<absl::Status> config_;  // Invalid unless it is being written.
  std::vector<std::string> warnings_;
};

}  // namespace adjoint::train

#endif  // ADJOINT_FRAMEWORK_TRAIN_RUN_FOLDER_H_
