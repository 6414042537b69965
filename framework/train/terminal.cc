#include "framework/train/terminal.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "framework/train/log_json.h"

namespace adjoint::train {
namespace {

constexpr double kSecondsBetweenDrawings = 0.1;
constexpr double kSecondsBetweenEpochLines = 0.5;
constexpr int64_t kFewEpochs = 20;

// To the line's beginning, and erase it (ECMA-48). The cursor is never hidden,
// so that no way to end leaves it so.
constexpr absl::string_view kClear = "\r\033[K";

void Write(FILE* file, absl::string_view text) {
  std::fwrite(text.data(), 1, text.size(), file);
  std::fflush(file);
}

}  // namespace

Terminal::Terminal(const TerminalOptions& options) : options_(options) {}

Terminal::~Terminal() { Print(options_.progress, ""); }

bool Terminal::ShowsProgress() const {
  return options_.format == LogFormat::kText && !options_.quiet;
}

void Terminal::Print(FILE* file, absl::string_view text) {
  if (drawn_) Write(options_.progress, kClear);
  drawn_ = false;
  drawn_seconds_ = -std::numeric_limits<double>::infinity();
  if (!text.empty()) Write(file, text);
}

void Terminal::Header(const RunHeader& header) {
  if (options_.format == LogFormat::kJson) {
    if (!options_.quiet) Print(options_.results, StartJson(header));
    return;
  }
  if (!ShowsProgress()) return;
  Print(options_.progress,
        absl::StrCat(HeaderLine(header.model, header.seed, header.run_dir,
                                header.commit),
                     header.data, header.layers));
}

void Terminal::Step(const StepReport& report) {
  if (!ShowsProgress() || !options_.display.live) return;
  pace_.Add(report);
  const double since = report.total_seconds - drawn_seconds_;
  // After a roll-back time may be earlier.
  if (since >= 0 && since < kSecondsBetweenDrawings) return;
  drawn_seconds_ = report.total_seconds;
  Write(options_.progress,
        absl::StrCat(kClear,
                     FitFields(StepFields(report, pace_, options_.display),
                               options_.display)));
  drawn_ = true;
}

void Terminal::Epoch(const EpochReport& report) {
  if (options_.format == LogFormat::kJson) {
    if (!options_.quiet) {
      Print(options_.results, EpochJson(report, options_.metrics));
    }
    return;
  }
  if (!ShowsProgress()) return;
  const bool last = report.epoch == report.epochs;
  if (report.epochs > kFewEpochs && !last &&
      report.total_seconds < epoch_seconds_ + kSecondsBetweenEpochLines) {
    return;
  }
  epoch_seconds_ = report.total_seconds;
  std::vector<Field> fields = EpochFields(report, options_.metrics);
  if (!options_.display.live) {
    Print(options_.progress, JoinFields(fields) + "\n");
    return;
  }
  Print(options_.progress,
        FitFields(std::move(fields), options_.display) + "\n");
}

void Terminal::Message(absl::string_view text) {
  if (ShowsProgress()) Print(options_.progress, EscapeLines(text) + "\n");
}

void Terminal::Warning(absl::string_view text) {
  Print(options_.progress, absl::StrCat("warning: ", EscapeLines(text), "\n"));
}

void Terminal::Summary(const TrainResult& result, const RunFacts& facts,
                       const std::string& run_dir, RunEnding ending) {
  ending.utf8 = options_.display.utf8;
  Print(options_.results, options_.format == LogFormat::kJson
                              ? EndJson(result, facts, run_dir, ending)
                              : SummaryLines(result, facts, run_dir, ending));
}

}  // namespace adjoint::train
