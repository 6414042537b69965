// What a training run shows while it runs and when it ends: progress on stderr,
// results on stdout.
//
//   Terminal terminal({.metrics = metrics, .display = StderrDisplay()});
//   terminal.Header({.model = "mnist_mlp", ...});
//   Train(..., {.on_step = [&](const StepReport& r) {
//                 terminal.Step(r);
//                 return Next::kGoOn;
//               },
//               .on_epoch = [&](const EpochReport& r) { terminal.Epoch(r); }});
//   terminal.Summary(result, facts, run_dir, {});
#ifndef ADJOINT_FRAMEWORK_TRAIN_TERMINAL_H_
#define ADJOINT_FRAMEWORK_TRAIN_TERMINAL_H_

#include <cstdio>
#include <limits>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "framework/train/console.h"
#include "framework/train/display.h"
#include "framework/train/progress.h"
#include "framework/train/step_line.h"

namespace adjoint::train {

enum class LogFormat {
  kText,
  kJson,  // The lines of log_json.h on stdout; on stderr only warnings.
};

struct TerminalOptions {
  LogFormat format = LogFormat::kText;
  // No progress: only warnings, and in the end the results.
  bool quiet = false;
  std::vector<Metric> metrics = {};
  Display display = {};
  FILE* progress = stderr;
  FILE* results = stdout;
};

// Every line is flushed. Not thread-safe.
class Terminal {
 public:
  explicit Terminal(const TerminalOptions& options);
  ~Terminal();  // Leaves no live line behind.

  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  void Header(const RunHeader& header);

  // Draws the live line where there is one, at most ten times a second of
  // report.total_seconds.
  void Step(const StepReport& report);

  // A line. Of more than 20 epochs nobody reads each: then at most one in half
  // a second, the last one, and as JSON all.
  void Epoch(const EpochReport& report);

  // Lines between, which do not tear the live one; an end of line is added.
  // Control characters but "\n" are escaped. Messages are progress.
  void Message(absl::string_view text);
  void Warning(absl::string_view text);

  // `ending.utf8` is taken from the display.
  void Summary(const TrainResult& result, const RunFacts& facts,
               const std::string& run_dir, RunEnding ending);

 private:
  bool ShowsProgress() const;
  void Print(FILE* file, absl::string_view text);  // In place of a live line.

  const TerminalOptions options_;
  Pace pace_;
  bool drawn_ = false;  // Whether the cursor is behind a live line.
  double drawn_seconds_ = -std::numeric_limits<double>::infinity();
  double epoch_seconds_ = -std::numeric_limits<double>::infinity();
};

}  // namespace adjoint::train

#endif  // ADJOINT_FRAMEWORK_TRAIN_TERMINAL_H_
