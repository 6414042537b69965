// report.html: what a run was, on one page that needs nothing but a browser.
#ifndef ADJOINT_FRAMEWORK_TRAIN_REPORT_H_
#define ADJOINT_FRAMEWORK_TRAIN_REPORT_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "framework/train/evaluation.h"
#include "framework/train/metric_row.h"

namespace adjoint::train {

// A picture of anything, as the bytes of a PNG or SVG file. The first sentence
// of a caption is its heading.
struct ReportPicture {
  std::string caption;
  std::string file;
};

// A text that the model wrote, say.
struct ReportText {
  std::string caption;
  std::string text;
};

// The time spent in one kind of op.
struct OpTime {
  std::string op;
  double seconds = 0;
  int64_t calls = 0;
  double share = 0;  // Of the whole, in [0, 1].
};

// All that the page shows. What is empty is not on it. Nothing in it is
// trusted, for names and texts come from files.
struct Report {
  std::string title;     // "mnist_mlp-20260105-101500".
  bool running = false;  // The page loads itself again every few seconds.
  std::string config;    // JSON, an object: what config.json holds.
  std::string summary;   // Likewise of summary.json; empty while running.
  absl::Span<const MetricRow> rows;
  const Evaluation* evaluation = nullptr;
  std::vector<std::string> class_names;
  std::map<std::string, std::string> units;  // Of metrics, by name.
  std::vector<std::string> mistakes;    // PNG, as MistakePictures makes them.
  std::vector<ReportPicture> pictures;  // That the model made,
  std::vector<ReportPicture> weights;   // and those of what it has learnt.
  std::vector<ReportText> texts;
  std::vector<OpTime> time_by_op;
};

// The page. Rows are thinned as Curves does, and of a confusion matrix with
// more than 100 classes it has only the worst confusions.
std::string RenderReport(const Report& report);

// Replaces <run_dir>/report.html by the page, atomically. While the run goes on
// nobody waits for the disk.
absl::Status WriteReport(const std::string& run_dir, const Report& report);

}  // namespace adjoint::train

#endif  // ADJOINT_FRAMEWORK_TRAIN_REPORT_H_
