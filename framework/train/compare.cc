#include "framework/train/compare.h"

#include <filesystem>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "framework/base/file.h"
#include "framework/train/curves.h"
#include "framework/train/page.h"
#include "nlohmann/json.hpp"

namespace adjoint::train {
namespace {

using Json = nlohmann::ordered_json;

// A log of this size has some ten million lines.
constexpr int64_t kMaxBytes = int64_t{1} << 30;

absl::StatusOr<std::string> ReadObject(const std::string& path) {
  absl::StatusOr<std::string> text = ReadFile(path, kMaxBytes);
  if (text.ok() && !absl::StartsWith(CleanJson(*text), "{")) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": is not an object of JSON"));
  }
  return text;
}

// False if `line` is not a row of a log. What a later version may have put in
// besides numbers is left out.
bool ParseRow(absl::string_view line, MetricRow& row) {
  const Json json = Json::parse(line.begin(), line.end(), nullptr,
                                /*allow_exceptions=*/false);
  if (!json.is_object()) return false;
  for (const auto& [name, value] : json.items()) {
    if (name == "split") {
      if (!value.is_string()) return false;
      row.split = value.get<std::string>();
    } else if (name == "step" || name == "epoch") {
      if (!value.is_number_integer()) return false;
      (name == "step" ? row.step : row.epoch) = value.get<int64_t>();
    } else if (name == "seconds") {
      if (!value.is_number()) return false;
      row.seconds = value.get<double>();
    } else if (value.is_number()) {
      row.values.push_back({name, value.get<double>()});
    }
  }
  return true;
}

}  // namespace

absl::StatusOr<std::vector<MetricRow>> ParseMetricRows(absl::string_view text) {
  std::vector<MetricRow> rows;
  int64_t number = 0;
  while (!text.empty()) {
    ++number;
    const size_t end = text.find('\n');
    if (end == absl::string_view::npos) break;  // It is being written.
    const absl::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    if (!ParseRow(line, rows.emplace_back())) {
      return absl::InvalidArgumentError(
          absl::StrCat("line ", number, " is not a row of a log"));
    }
  }
  return rows;
}

absl::StatusOr<LoggedRun> ReadRun(const std::string& run_dir) {
  // "runs/a/" too has the name "a".
  const std::string folder(absl::StripSuffix(run_dir, "/"));
  LoggedRun run = {.name = std::filesystem::path(folder).filename().string()};
  absl::StatusOr<std::string> config = ReadObject(folder + "/config.json");
  if (!config.ok()) return config.status();
  run.config = *std::move(config);

  const std::string log = folder + "/metrics.jsonl";
  const absl::StatusOr<std::string> text = ReadFile(log, kMaxBytes);
  if (!text.ok()) return text.status();
  absl::StatusOr<std::vector<MetricRow>> rows = ParseMetricRows(*text);
  if (!rows.ok()) {
    return absl::Status(rows.status().code(),
                        absl::StrCat(log, ": ", rows.status().message()));
  }
  run.rows = *std::move(rows);

  absl::StatusOr<std::string> summary = ReadObject(folder + "/summary.json");
  if (summary.ok()) {
    run.summary = *std::move(summary);
  } else if (!absl::IsNotFound(summary.status())) {
    return summary.status();
  }
  return run;
}

std::string RenderComparison(absl::Span<const LoggedRun> runs) {
  std::string json = "{\"kind\":\"comparison\",\"runs\":[";
  const char* comma = "";
  for (const LoggedRun& run : runs) {
    const double seconds = run.rows.empty() ? 0 : run.rows.back().seconds;
    absl::StrAppend(&json, comma, "{\"name\":", JsonString(run.name),
                    ",\"config\":", CleanJson(run.config),
                    ",\"summary\":", CleanJson(run.summary),
                    ",\"seconds\":", seconds,
                    ",\"curves\":", CurvesJson(Curves(run.rows)), "}");
    comma = ",";
  }
  return FillPage("Comparison of runs", json + "]}");
}

absl::StatusOr<std::string> Compare(absl::Span<const char* const> arguments) {
  std::string out = "compare.html";
  std::vector<LoggedRun> runs;
  for (absl::string_view argument : arguments) {
    if (absl::ConsumePrefix(&argument, "--out=")) {
      out = std::string(argument);
    } else if (absl::StartsWith(argument, "-") || argument.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("unknown argument \"", argument, "\"; there is --out"));
    } else {
      absl::StatusOr<LoggedRun> run =
          ReadRun(ResolveUserPath(std::string(argument)));
      if (!run.ok()) return run.status();
      runs.push_back(*std::move(run));
    }
  }
  if (runs.empty() || out.empty()) {
    return absl::InvalidArgumentError(
        "usage: compare RUN_DIR... [--out=compare.html]");
  }
  const std::string path = ResolveUserPath(out);
  absl::Status status = WriteFileAtomically(path, RenderComparison(runs));
  if (!status.ok()) return status;
  return path;
}

}  // namespace adjoint::train
