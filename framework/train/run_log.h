// What a run logs as it goes: metrics.jsonl, metrics.csv and the same numbers
// for TensorBoard.
#ifndef ADJOINT_FRAMEWORK_TRAIN_RUN_LOG_H_
#define ADJOINT_FRAMEWORK_TRAIN_RUN_LOG_H_

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "framework/base/file.h"
#include "framework/io/append_file.h"
#include "framework/io/tensorboard.h"
#include "framework/train/metric_row.h"
#include "framework/train/metrics.h"
#include "framework/train/progress.h"

namespace adjoint::train {

struct RunLogOptions {
  int64_t every = 10;  // Steps between two that are logged; at least 1.
  std::vector<Metric> metrics = {};  // The model's own.
  // Where the run goes on: after so many steps and finished epochs. None for a
  // run that begins, whose log replaces what is there.
  std::optional<int64_t> resume_step = {};
  int64_t resume_epochs = 0;
  // EpochReport::total_seconds of the best epoch before that; NaN for none.
  double best_seconds = std::numeric_limits<double>::quiet_NaN();
};

// The rows stay in memory too, some 250 bytes each: 25 MB for a million steps.
//
// They reach the files, as whole lines, at each epoch, and at the first step
// that is a second after the last time: a process that is killed loses no more.
// An error, such as a full disk, has the path and the reason and leaves in the
// files what was there; the rows wait for the next time. A log that is resumed
// where it was, and not earlier, goes on as if it had not been interrupted.
// What of it cannot be read is left out, for the run is worth more than its
// log.
class RunLog {
 public:
  // The log in the folder of a run. Throws ValueError if every < 1.
  static absl::StatusOr<std::unique_ptr<RunLog>> Open(
      const std::string& run_dir, const RunLogOptions& options = {});

  ~RunLog();  // Flushes; call Flush to know whether that was possible.

  // To be told of each step, of which each `every`-th makes a row "train".
  absl::Status Step(const StepReport& report);

  // Rows "train_epoch" and "test", unless they are without examples. The first
  // is without the metrics that are of the test alone.
  absl::Status Epoch(const EpochReport& report);

  // Forgets the steps after `step` and the epochs after `epochs`, after a
  // roll-back. The test of the best epoch stays, as a row "undone".
  absl::Status GoBack(int64_t step, int64_t epochs);

  absl::Status Flush();

  const std::vector<MetricRow>& rows() const { return rows_; }

  // What was left out of a log that was resumed, in a line; "" if nothing was.
  const std::string& passed_over() const { return passed_over_; }

 private:
  RunLog(std::string run_dir, const RunLogOptions& options)
      : run_dir_(std::move(run_dir)),
        options_(options),
        best_seconds_(options.best_seconds) {}

  void AddEvents(const MetricRow& row);
  bool AddNames(const MetricRow& row);
  absl::Status Rewrite(const std::string& name,
                       std::unique_ptr<io::AppendFile>& file,
                       const std::string& text, const WriteOptions& options);
  absl::Status RewriteCsv();

  const std::string run_dir_;
  const RunLogOptions options_;
  std::vector<MetricRow> rows_;
  size_t formatted_ = 0;            // Of them, as lines and events.
  std::vector<std::string> names_;  // Of the CSV file's columns.
  bool new_names_ = false;          // That its header does not have yet.
  std::unique_ptr<io::AppendFile> jsonl_, csv_;
  std::unique_ptr<io::EventWriter> events_;
  std::string passed_over_;
  int64_t last_step_ = 0;
  double best_seconds_;         // As in the options.
  double seconds_ = 0;          // Now, by the reports' clock,
  double flushed_seconds_ = 0;  // and when it was flushed.
};

}  // namespace adjoint::train

#endif  // ADJOINT_FRAMEWORK_TRAIN_RUN_LOG_H_
