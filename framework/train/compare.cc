#include "framework/train/compare.h"

#include <filesystem>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "framework/base/file.h"
#include "framework/train/curves.h"
#include "framework/train/page.h"

namespace adjoint::train {
namespace {

constexpr int64_t kMaxBytes = int64_t{1} << 20;  // Of a file of settings.

absl::StatusOr<std::string> ReadObject(const std::string& path) {
  absl::StatusOr<std::string> text = ReadFile(path, kMaxBytes);
  if (text.ok() && !absl::StartsWith(CleanJson(*text), "{")) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": is not an object of JSON"));
  }
  return text;
}

}  // namespace

absl::StatusOr<LoggedRun> ReadRun(const std::string& run_dir) {
  // "runs/a/" too has the name "a".
  const std::string folder(absl::StripSuffix(run_dir, "/"));
  LoggedRun run = {.name = std::filesystem::path(folder).filename().string()};
  absl::StatusOr<std::string> config = ReadObject(folder + "/config.json");
  if (absl::IsNotFound(config.status())) {
    return absl::NotFoundError(absl::StrCat(
        folder, ": is not the folder of a run: ", config.status().message()));
  }
  if (!config.ok()) return config.status();
  run.config = *std::move(config);

  absl::StatusOr<std::vector<MetricRow>> rows =
      ReadMetricRows(folder + "/metrics.jsonl");
  if (!rows.ok()) return rows.status();
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
      // Runs in different folders may have one name.
      for (const LoggedRun& other : runs) {
        if (other.name != run->name) continue;
        run->name = std::string(argument);
        break;
      }
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
