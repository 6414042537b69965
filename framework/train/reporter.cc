#include "framework/train/reporter.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "framework/base/file.h"
#include "framework/train/classification.h"
#include "framework/train/report.h"
#include "framework/train/report_pictures.h"

namespace adjoint::train {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr double kSecondsBetweenUpdates = 5;

// The PNG and SVG files in `folder`, by name, which is the caption of those
// that have no other; those that cannot be read are left out.
std::vector<ReportPicture> PicturesIn(
    const std::string& folder,
    const std::map<std::string, std::string>& captions) {
  std::map<std::string, std::string> files;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end;
       it.increment(error)) {
    const fs::path kind = it->path().extension();
    if (kind != ".png" && kind != ".svg") continue;
    absl::StatusOr<std::string> file = ReadFile(it->path().string(), 1 << 24);
    if (file.ok()) files[it->path().filename().string()] = *std::move(file);
  }
  std::vector<ReportPicture> pictures;
  for (auto& [name, file] : files) {
    const auto caption = captions.find(name);
    pictures.push_back(
        {caption == captions.end() ? name : caption->second, std::move(file)});
  }
  return pictures;
}

std::vector<OpTime> TimeByOp(const inspect::Profiler& profiler) {
  std::vector<OpTime> times;
  for (const inspect::ProfileRow& row : profiler.ByOp()) {
    const inspect::Work total = row.Total();
    times.push_back({row.name, total.seconds, total.calls,
                     total.seconds / profiler.WallSeconds()});
  }
  return times;
}

std::map<std::string, std::string> UnitsOf(const std::vector<Metric>& metrics) {
  std::map<std::string, std::string> units;
  for (const Metric& metric : metrics) {
    if (!metric.unit.empty()) units[metric.name] = metric.unit;
  }
  return units;
}

std::string NameOf(const std::vector<std::string>& names, int64_t label) {
  return label < static_cast<int64_t>(names.size()) ? names[label]
                                                    : absl::StrCat(label);
}

}  // namespace

Reporter::Reporter(const Task& task, std::string run_dir, std::string config)
    : task_(task),
      run_dir_(std::move(run_dir)),
      config_(std::move(config)),
      units_(UnitsOf(task.metrics())) {}

absl::Status Reporter::Update(absl::Span<const MetricRow> rows,
                              double seconds) {
  const double since = seconds - written_seconds_;
  // After a roll-back time may be earlier.
  if (since >= 0 && since < wait_seconds_) return absl::OkStatus();
  written_seconds_ = seconds;
  const auto start = Clock::now();
  const absl::Cleanup pace = [&] {
    const std::chrono::duration<double> took = Clock::now() - start;
    wait_seconds_ = std::max(kSecondsBetweenUpdates, 100 * took.count());
  };
  return WriteReport(
      run_dir_, {.title = fs::path(run_dir_).filename().string(),
                 .running = true,
                 .config = config_,
                 .rows = rows,
                 .evaluation = &evaluation_,
                 .class_names = task_.test_data().info().class_names,
                 .units = units_,
                 .mistakes = MistakePictures(evaluation_, task_.test_data())});
}

absl::Status Reporter::Finish(absl::Span<const MetricRow> rows,
                              std::string summary, const std::string& shown,
                              const inspect::Profiler* profiler) {
  const data::DatasetInfo info = task_.test_data().info();
  Report report = {.title = fs::path(run_dir_).filename().string(),
                   .config = config_,
                   .summary = std::move(summary),
                   .rows = rows,
                   .evaluation = &evaluation_,
                   .class_names = info.class_names,
                   .units = units_,
                   .mistakes = MistakePictures(evaluation_, task_.test_data()),
                   .pictures = PicturesIn(run_dir_, task_.captions())};
  std::optional<ReportPicture> weights = FirstLayerPicture(task_.model(), info);
  if (weights) report.weights.push_back(*std::move(weights));
  if (!shown.empty()) {
    // The page may be read elsewhere: files are named as they are beside it.
    report.texts.push_back(
        {"What the program printed",
         absl::StrReplaceAll(shown, {{run_dir_ + "/", ""}})});
  }
  if (profiler != nullptr) report.time_by_op = TimeByOp(*profiler);
  return WriteReport(run_dir_, report);
}

std::vector<NamedConfusion> Reporter::WorstConfusions() const {
  constexpr int kShown = 3;
  const std::vector<std::string> names = task_.test_data().info().class_names;
  std::vector<NamedConfusion> confusions;
  for (const auto& worst :
       train::WorstConfusions(evaluation_.confusion(), kShown)) {
    confusions.push_back({NameOf(names, worst.truth),
                          NameOf(names, worst.predicted), worst.count});
  }
  return confusions;
}

}  // namespace adjoint::train
