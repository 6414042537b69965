#include "framework/train/run_log.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "framework/base/error.h"

namespace adjoint::train {
namespace {

using io::AppendFile;

constexpr char kTrain[] = "train", kTest[] = "test", kUndone[] = "undone";
constexpr double kSecondsBetweenFlushes = 1;

// Adds a value unless its name is taken: a column has one meaning.
void AddValue(MetricRow& row, const std::string& name, double value) {
  for (const char* taken : {"step", "epoch", "seconds", "split"}) {
    if (name == taken) return;
  }
  for (const NamedValue& v : row.values) {
    if (v.name == name) return;
  }
  row.values.push_back({name, value});
}

void AddMetrics(MetricRow& row, const Metrics& metrics,
                const std::vector<Metric>& own) {
  AddValue(row, "loss", metrics.loss());
  if (!std::isnan(metrics.accuracy())) {
    AddValue(row, "accuracy", metrics.accuracy());
  }
  for (const auto& [name, value] : metrics.parts()) AddValue(row, name, value);
  for (const Metric& m : own) {
    if (row.split == kTest || !m.test_only) {
      AddValue(row, m.name, m.value(metrics));
    }
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<RunLog>> RunLog::Open(
    const std::string& run_dir, const RunLogOptions& options) {
  if (options.every < 1) {
    throw ValueError(
        absl::StrCat("RunLog: every must be at least 1: ", options.every));
  }
  std::unique_ptr<RunLog> log(new RunLog(run_dir, options));
  if (options.resume_step) {
    absl::StatusOr<std::vector<MetricRow>> rows =
        ReadMetricRows(run_dir + "/metrics.jsonl", &log->passed_over_);
    if (rows.ok()) {
      log->rows_ = *std::move(rows);
    } else if (absl::IsNotFound(rows.status())) {
      log->passed_over_ =
          absl::StrCat(rows.status().message(), "; the log begins anew");
    } else {
      return rows.status();
    }
  }
  absl::StatusOr<std::unique_ptr<io::EventWriter>> events =
      io::EventWriter::Open(run_dir);
  if (!events.ok()) return events.status();
  log->events_ = *std::move(events);
  const absl::Status status =
      log->GoBack(options.resume_step.value_or(0), options.resume_epochs);
  if (!status.ok()) return status;
  return log;
}

RunLog::~RunLog() {
  if (jsonl_ != nullptr) Flush().IgnoreError();
}

absl::Status RunLog::Step(const StepReport& report) {
  last_step_ = report.step;
  seconds_ = report.total_seconds;
  if (report.step % options_.every == 0) {
    MetricRow row = {
        report.step,
        report.epoch,
        report.total_seconds,
        kTrain,
        {{"loss", report.loss}, {"learning_rate", report.learning_rate}}};
    if (!std::isnan(report.gradient_norm)) {
      row.values.push_back({"gradient_norm", report.gradient_norm});
    }
    rows_.push_back(std::move(row));
  }
  return seconds_ < flushed_seconds_ + kSecondsBetweenFlushes ? absl::OkStatus()
                                                              : Flush();
}

absl::Status RunLog::Epoch(const EpochReport& report) {
  seconds_ = report.total_seconds;
  for (const auto& [split, metrics] :
       {std::pair("train_epoch", &report.train), {kTest, &report.test}}) {
    if (metrics->examples() == 0) continue;
    MetricRow row = {last_step_, report.epoch, report.total_seconds, split, {}};
    AddMetrics(row, *metrics, options_.metrics);
    rows_.push_back(std::move(row));
  }
  if (report.best) best_seconds_ = report.total_seconds;
  return Flush();
}

absl::Status RunLog::GoBack(int64_t step, int64_t epochs) {
  if (jsonl_ != nullptr) {  // Else the log is being opened.
    absl::Status status = Flush();
    if (!status.ok()) return status;
  }
  for (MetricRow& row : rows_) {
    const bool undone = row.split == kTest && row.epoch > epochs;
    if (undone && row.seconds == best_seconds_) row.split = kUndone;
  }
  const auto is_forgotten = [&](const MetricRow& row) {
    return row.split == kTrain    ? row.step > step
           : row.split == kUndone ? row.seconds != best_seconds_
                                  : row.epoch > epochs;
  };
  rows_.erase(std::remove_if(rows_.begin(), rows_.end(), is_forgotten),
              rows_.end());
  last_step_ = step;
  // TensorBoard forgets this step too, but some of its rows may be left.
  events_->Restart(step);
  std::string lines;
  names_.clear();
  for (const MetricRow& row : rows_) {
    AddNames(row);
    if (row.step >= step) AddEvents(row);
    lines += JsonLine(row);
  }
  formatted_ = rows_.size();
  // What there is already may not get lost; a new log has nothing to lose.
  absl::Status status =
      Rewrite("metrics.jsonl", jsonl_, lines, {.durable = !rows_.empty()});
  if (status.ok()) status = RewriteCsv();
  if (status.ok()) status = Flush();
  return status;
}

absl::Status RunLog::Flush() {
  flushed_seconds_ = seconds_;
  // All together: between two steps this code is in no cache.
  for (; formatted_ < rows_.size(); ++formatted_) {
    const MetricRow& row = rows_[formatted_];
    AddEvents(row);
    jsonl_->Append(JsonLine(row));
    if (AddNames(row)) new_names_ = true;
    if (!new_names_) csv_->Append(CsvLine(row, names_));
  }
  // The first error of three, each of which is tried.
  absl::Status status = jsonl_->Flush();
  status.Update(new_names_ ? RewriteCsv() : csv_->Flush());
  status.Update(events_->Flush());
  return status;
}

void RunLog::AddEvents(const MetricRow& row) {
  std::vector<io::Scalar> scalars;
  for (const auto& [name, value] : row.values) {
    const bool of_step = name == "learning_rate" || name == "gradient_norm";
    scalars.push_back(
        {of_step ? name : absl::StrCat(name, "/", row.split), value});
  }
  events_->Add(row.step, scalars, std::max(0., seconds_ - row.seconds));
}

// Makes columns for the row's values; whether there are new ones.
bool RunLog::AddNames(const MetricRow& row) {
  const size_t before = names_.size();
  for (const NamedValue& v : row.values) {
    if (std::find(names_.begin(), names_.end(), v.name) == names_.end()) {
      names_.push_back(v.name);
    }
  }
  return names_.size() > before;
}

// Replaces a file, all or nothing, and goes on at its end.
absl::Status RunLog::Rewrite(const std::string& name,
                             std::unique_ptr<AppendFile>& file,
                             const std::string& text,
                             const WriteOptions& options) {
  const std::string path = absl::StrCat(run_dir_, "/", name);
  absl::Status status = WriteFileAtomically(path, text, options);
  if (!status.ok()) return status;
  absl::StatusOr<std::unique_ptr<AppendFile>> opened =
      AppendFile::Open(path, AppendFile::Start::kEnd);
  if (!opened.ok()) return opened.status();
  file = *std::move(opened);
  return absl::OkStatus();
}

absl::Status RunLog::RewriteCsv() {
  std::string text = CsvHeader(names_);
  for (const MetricRow& row : rows_) text += CsvLine(row, names_);
  // The same rows as in metrics.jsonl: that one outlives a loss of power.
  absl::Status status = Rewrite("metrics.csv", csv_, text, {.durable = false});
  new_names_ = !status.ok();
  return status;
}

}  // namespace adjoint::train
