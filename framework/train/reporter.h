// Keeps report.html up to date while a run goes on.
#ifndef ADJOINT_FRAMEWORK_TRAIN_REPORTER_H_
#define ADJOINT_FRAMEWORK_TRAIN_REPORTER_H_

#include <limits>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "framework/inspect/profiler.h"
#include "framework/train/console.h"
#include "framework/train/evaluation.h"
#include "framework/train/metric_row.h"
#include "framework/train/task.h"

namespace adjoint::train {

class Reporter {
 public:
  // `config` is what config.json holds. The task must outlive the reporter.
  Reporter(const Task& task, std::string run_dir, std::string config);

  // To be told of each batch of an evaluation.
  void OnEvaluated(const data::Batch& batch, const Outcome& outcome) {
    evaluation_.Add(batch, outcome);
  }

  // Writes the page of a run that goes on and is `seconds` old: at the first
  // call, and then every five seconds, or less often where it takes more than a
  // hundredth of the time.
  absl::Status Update(absl::Span<const MetricRow> rows, double seconds);

  // Writes the page of a run that has ended, with what summary.json holds, the
  // pictures in its folder and `shown`, the text of Task::Show; and the time by
  // op if `profiler` is not null.
  absl::Status Finish(absl::Span<const MetricRow> rows, std::string summary,
                      const std::string& shown,
                      const inspect::Profiler* profiler);

  std::string path() const { return run_dir_ + "/report.html"; }

  // The most frequent ones, by the names of the classes.
  std::vector<NamedConfusion> WorstConfusions() const;

 private:
  const Task& task_;
  const std::string run_dir_, config_;
  const std::map<std::string, std::string> units_;  // Of metrics, by name.
  Evaluation evaluation_;
  double written_seconds_ = -std::numeric_limits<double>::infinity();
  double wait_seconds_ = 0;
};

}  // namespace adjoint::train

#endif  // ADJOINT_FRAMEWORK_TRAIN_REPORTER_H_
