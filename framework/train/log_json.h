// A run as lines for other programs, --log_format=json: one JSON object a line,
// told apart by "event". Numbers that do not exist, such as NaN, are null.
#ifndef ADJOINT_FRAMEWORK_TRAIN_LOG_JSON_H_
#define ADJOINT_FRAMEWORK_TRAIN_LOG_JSON_H_

#include <string>
#include <vector>

#include "framework/train/console.h"
#include "framework/train/metrics.h"
#include "framework/train/progress.h"

namespace adjoint::train {

// {"event":"start", "model", "seed", "commit", "instruction_set", "threads",
// "run_dir"}
std::string StartJson(const RunHeader& header);

// {"event":"epoch", "epoch" (from 1), "epochs", "steps" (in the epoch),
// "train_seconds", "step_seconds", "total_seconds", "train_loss",
// "train_accuracy" (in 0..1), "test_loss", "test_accuracy",
// "test_metrics": {name: value}, "best"}
std::string EpochJson(const EpochReport& report,
                      const std::vector<Metric>& metrics);

// {"event":"end", "model", "exit_reason", "message", "epochs" (finished),
// "steps", "test_loss", "test_accuracy", "test_metrics", "best_epoch" (BestOf;
// null without any), "best_undone" (whether a roll-back went back behind it),
// "best_test_loss", "best_test_accuracy", "best_test_metrics", "wall_seconds",
// "peak_memory_bytes", "worst_confusions": [{"truth", "predicted", "count"}],
// "run_dir", "report", "resume"}
std::string EndJson(const TrainResult& result, const RunFacts& facts,
                    const std::string& run_dir, const RunEnding& ending);

}  // namespace adjoint::train

#endif  // ADJOINT_FRAMEWORK_TRAIN_LOG_JSON_H_
