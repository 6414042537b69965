// Checkpoints: a training in a file, to go on from.
#ifndef ADJOINT_FRAMEWORK_TRAIN_CHECKPOINT_H_
#define ADJOINT_FRAMEWORK_TRAIN_CHECKPOINT_H_

#include <cstdint>
#include <functional>
#include <future>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "framework/io/safetensors.h"
#include "framework/nn/module.h"
#include "framework/optim/ema.h"
#include "framework/optim/optimizer.h"
#include "framework/train/progress.h"

namespace adjoint::train {

// What a training changes, besides its Progress.
struct TrainState {
  const nn::Module& model;
  optim::Optimizer& optimizer;
  optim::Ema* ema = nullptr;  // Null means none.
};

// Writes all of it atomically to `path`, a safetensors file: the tensors
// model/<name>, optimizer/<slot>/<name> and ema/<name>, and as metadata the
// Progress and a CRC-32 of everything. Fails as WriteFileAtomically does.
absl::Status SaveCheckpoint(const std::string& path, const TrainState& state,
                            const Progress& progress);

// Whether a file is, or says that it is, what SaveCheckpoint wrote.
bool IsCheckpoint(const io::SafetensorsFile& file);

// InvalidArgument, with the path, for a checkpoint that is damaged.
absl::Status CheckIsWhole(const io::SafetensorsFile& file,
                          const std::string& path);

// Sets `state` to what SaveCheckpoint wrote. All or nothing: unless the status
// is OK nothing has changed. InvalidArgument, with the path, for a file that is
// damaged, is no checkpoint or is that of another model or optimizer (with each
// tensor that is missing, unexpected or unlike); otherwise as
// io::ReadSafetensors.
absl::StatusOr<Progress> LoadCheckpoint(const std::string& path,
                                        const TrainState& state);

// The checkpoints of a run: <folder>/step-00000469.safetensors and so on, of
// which the last few stay, and best.safetensors, that of the best epoch.
class CheckpointFolder {
 public:
  // `keep` of the last ones stay; at least 1.
  explicit CheckpointFolder(std::string folder, int64_t keep = 2);

  // Makes the folder where it is missing, but not its parents, and writes a
  // checkpoint, as the best one too if asked; then removes those that are too
  // many. After an error the older ones are all there.
  absl::Status Save(const TrainState& state, const Progress& progress,
                    bool is_best);

  // The same, but a thread does it while the training goes on, from the state
  // as it is now, beside what is remembered. First waits for the one before,
  // and fails as that did.
  absl::Status SaveInBackground(const TrainState& state,
                                const Progress& progress, bool is_best);

  // Remembers the state as it is now, that of the best epoch so far, instead of
  // the one before. The next checkpoint or Wait saves it.
  void RememberBest(const TrainState& state, const Progress& progress);

  // Waits for the last SaveInBackground, and fails as that did. To be called
  // before anything else is asked of the folder, and at the end.
  absl::Status Wait();

  // Loads the newest checkpoint that is whole. Those that are not are passed
  // over, each with a line in `passed_over`. NotFound, with the folder, if
  // there is none; the newest one's error if none is whole.
  absl::StatusOr<Progress> LoadNewest(const TrainState& state,
                                      std::vector<std::string>& passed_over);

  // Removes that of `step`, unless it is the only one.
  void Drop(int64_t step);

  // The step of each and its path, the newest first; without the best one.
  std::vector<std::pair<int64_t, std::string>> Files() const;
  bool HasAny() const { return !Files().empty(); }

 private:
  // What saves the state as it is now, whenever it is called.
  std::function<absl::Status()> Saving(const TrainState& state,
                                       const Progress& progress,
                                       bool is_best) const;

  // Puts a checkpoint, in `pieces`, in its place.
  absl::Status Write(int64_t step, absl::Span<const absl::string_view> pieces,
                     bool is_best) const;

  absl::Status WaitForThreads();

  std::string folder_;
  int64_t keep_;
  std::function<absl::Status()> remembered_;  // Null unless one is.
  std::vector<std::future<absl::Status>> saving_;
};

}  // namespace adjoint::train

#endif  // ADJOINT_FRAMEWORK_TRAIN_CHECKPOINT_H_
