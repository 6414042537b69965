// The numbers that a run logs, as rows of metrics.jsonl and metrics.csv.
#ifndef ADJOINT_FRAMEWORK_TRAIN_METRIC_ROW_H_
#define ADJOINT_FRAMEWORK_TRAIN_METRIC_ROW_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "framework/train/metrics.h"

namespace adjoint::train {

struct MetricRow {
  int64_t step = 0, epoch = 0;
  double seconds = 0;  // Since the run began, in all of its parts.
  // "train": a step. "train_epoch": an epoch's mean. "test": what followed it.
  std::string split;
  // Those there are of loss, accuracy, the loss's parts, the model's own
  // metrics, learning_rate and gradient_norm, in this order.
  std::vector<NamedValue> values;
};

// A line of metrics.jsonl, with its end:
// {"step":10,"epoch":1,"seconds":0.1,"split":"train","loss":0.5}
// Each number is read back as it was, but those that are not finite are null.
std::string JsonLine(const MetricRow& row);

// The same row under metrics.csv's columns: step, epoch, seconds, split and
// `names`. What is absent or not finite is empty. REQUIRES: the names are all
// different.
std::string CsvHeader(absl::Span<const std::string> names);
std::string CsvLine(const MetricRow& row, absl::Span<const std::string> names);

// The rows of a file of JsonLines; null is read as NaN. What follows the last
// end of a line is left out: a killed process may leave half a line there.
// Lines that are anything else, such as zeros after a loss of power, are
// InvalidArgument, with path and line; or where `passed_over` is not null they
// are left out, and if there are any, it is set to a line that says so. Other
// errors are those of ReadFile, with at most 1 GiB.
absl::StatusOr<std::vector<MetricRow>> ReadMetricRows(
    const std::string& path, std::string* passed_over = nullptr);

}  // namespace adjoint::train

#endif  // ADJOINT_FRAMEWORK_TRAIN_METRIC_ROW_H_
