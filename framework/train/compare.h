// Runs beside each other: their logs read back, and one page for all.
#ifndef ADJOINT_FRAMEWORK_TRAIN_COMPARE_H_
#define ADJOINT_FRAMEWORK_TRAIN_COMPARE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "framework/train/metric_row.h"

namespace adjoint::train {

// What a run has left in its folder.
struct LoggedRun {
  std::string name;     // The folder's, without those above it.
  std::string config;   // JSON, an object: config.json.
  std::string summary;  // Likewise summary.json; empty if there is none yet.
  std::vector<MetricRow> rows;
};

// Reads config.json, metrics.jsonl (ReadMetricRows) and, if there, summary.json
// of `run_dir`. Errors are those of files, and InvalidArgument, with the path,
// for what is damaged.
absl::StatusOr<LoggedRun> ReadRun(const std::string& run_dir);

// A page with the runs' curves over each other, and a table of their last and
// best values and of the settings in which they differ.
std::string RenderComparison(absl::Span<const LoggedRun> runs);

// What the program `compare` does, with the arguments behind its name: folders
// of runs, and --out=FILE (compare.html), in any order. Returns the path of the
// page that it wrote. InvalidArgument for other arguments.
absl::StatusOr<std::string> Compare(absl::Span<const char* const> arguments);

}  // namespace adjoint::train

#endif  // ADJOINT_FRAMEWORK_TRAIN_COMPARE_H_
