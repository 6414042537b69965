// The folder that a training run leaves behind.
#ifndef ADJOINT_FRAMEWORK_TRAIN_RUN_H_
#define ADJOINT_FRAMEWORK_TRAIN_RUN_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "framework/train/train.h"

namespace adjoint::train {

// Makes the folder of a run and shows that files can be written there:
// `run_dir`, or where that is empty a new runs/<model>-<date>-<time> under the
// folder in which the user called, with -2, -3 and so on behind it where that
// is taken. The path, or why not.
absl::StatusOr<std::string> MakeRunDir(const std::string& model,
                                       const std::string& run_dir);

// What summary.json holds besides the result.
struct RunFacts {
  std::string model;
  uint64_t seed = 0;
  double wall_seconds = 0;  // Without writing the last files.
  std::string weights_sha256;
  std::vector<Metric> metrics = {};
};

// What summary.json holds: model, test_accuracy in 0..1, test_loss,
// train_loss, test_metrics by name, best_test_accuracy, best_test_loss,
// best_test_metrics, best_epoch, best_undone (whether a roll-back went back
// behind the best epoch), epochs (those finished), steps, skipped_steps,
// rollbacks, wall_seconds, peak_memory_bytes, exit_reason, message, seed,
// threads, instruction_set, weights_sha256. Numbers that do not exist, such as
// the accuracy of a run without an epoch, are null.
std::string SummaryJson(const RunFacts& facts, const TrainResult& result);

// Writes <run_dir>/summary.json.
absl::Status WriteSummary(const std::string& run_dir,
                          const std::string& summary);

// The folder of the data that came with the program: models/data/<name> or, if
// `name` has a slash, itself, "wine/data" say. It is looked for in the working
// directory, in that in which `bazel run` was called, in the workspace, and in
// the runfiles beside the executable. NotFound, with the places that were
// tried, if it is in none.
absl::StatusOr<std::string> FindBundledData(const std::string& name);

// `data_dir`, or where that is empty FindBundledData(name).
absl::StatusOr<std::string> DataDirOr(const std::string& data_dir,
                                      const std::string& name);

}  // namespace adjoint::train

#endif  // ADJOINT_FRAMEWORK_TRAIN_RUN_H_
