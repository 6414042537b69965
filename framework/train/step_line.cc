#include "framework/train/step_line.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace adjoint::train {

void Pace::Add(const StepReport& report) {
  // A roll-back counts back.
  if (report.epoch != epoch_ || report.step <= step_) {
    epoch_ = report.epoch;
    step_ = report.step;
    batch_ = report.batch;
    seconds_ = report.total_seconds;
    examples_ = 0;
    return;
  }
  examples_ += report.examples;
  const double seconds = report.total_seconds - seconds_;
  if (seconds <= 0 || report.batch <= batch_) return;
  step_seconds_ = seconds / static_cast<double>(report.step - step_);
  batch_seconds_ = seconds / static_cast<double>(report.batch - batch_);
  examples_per_second_ = static_cast<double>(examples_) / seconds;
}

std::string Bar(int64_t done, int64_t all, const Display& display) {
  const int columns = display.columns();
  const int cells = columns >= 80 ? 20 : std::max(columns / 6, 4);
  const int full =
      all <= 0
          ? 0
          : static_cast<int>(std::clamp<int64_t>(done, 0, all) * cells / all);
  std::string bar;
  for (int i = 0; i < cells; ++i) {
    if (i < full) {
      bar += display.utf8 ? "━" : "=";
    } else if (i == full) {
      bar += display.utf8 ? "╸" : ">";
    } else {
      bar += display.utf8 ? "─" : "-";
    }
  }
  return bar;
}

std::string Duration(double seconds) {
  if (seconds < 9.95) return absl::StrFormat("%.1fs", seconds);
  const int64_t s = std::llround(seconds);
  if (s < 60) return absl::StrCat(s, "s");
  if (s < 3600) return absl::StrFormat("%dm%02ds", s / 60, s % 60);
  return absl::StrFormat("%dh%02dm", s / 3600, s % 3600 / 60);
}

std::string Rate(double per_second) {
  return per_second >= 10000 ? absl::StrFormat("%.0fk/s", per_second / 1000)
                             : absl::StrFormat("%.0f/s", per_second);
}

std::vector<Field> StepFields(const StepReport& report, const Pace& pace,
                              const Display& display) {
  const int width = static_cast<int>(absl::StrCat(report.epochs).size());
  std::vector<Field> fields = {
      {absl::StrFormat("epoch %*d/%d", width, report.epoch, report.epochs), 0},
      {Bar(report.batch, report.batches, display), 3},
      {absl::StrCat(report.batch, "/", report.batches), 1}};
  if (pace.batch_seconds() > 0) {
    const auto left = static_cast<double>(report.batches - report.batch);
    fields.push_back(
        {absl::StrCat("ETA ", Duration(left * pace.batch_seconds())), 2});
  }
  const Metrics& train = report.progress.train;
  // The epoch's metrics may have begun anew.
  const double loss = train.examples() > 0 ? train.loss() : report.loss;
  fields.push_back({absl::StrFormat("loss %.4g", loss), 0, Style::kBold});
  if (!std::isnan(train.accuracy())) {
    fields.push_back(
        {absl::StrFormat("acc %.2f %%", 100 * train.accuracy()), 4});
  }
  if (pace.step_seconds() > 0) {
    fields.push_back(
        {absl::StrFormat("%.3g ms/step", 1000 * pace.step_seconds()), 6,
         Style::kDim});
    fields.push_back({Rate(pace.examples_per_second()), 5, Style::kDim});
  }
  return fields;
}

}  // namespace adjoint::train
