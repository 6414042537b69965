#include "framework/train/run.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "framework/base/file.h"
#include "framework/base/parallel_for.h"
#include "framework/base/peak_memory.h"
#include "framework/kernels/instruction_set.h"
#include "framework/train/best.h"
#include "framework/train/json_number.h"
#include "nlohmann/json.hpp"

namespace adjoint::train {
namespace {

namespace fs = std::filesystem;

// Makes a folder that is new: `path`, or else path-2, path-3 and so on. Of
// processes that do so at once, mkdir gives each its own.
absl::StatusOr<std::string> MakeNewFolder(const std::string& path) {
  for (int i = 1;; ++i) {
    std::string folder = i == 1 ? path : absl::StrCat(path, "-", i);
    if (mkdir(folder.c_str(), 0777) == 0) return folder;
    if (errno == EEXIST) continue;
    return absl::ErrnoToStatus(errno,
                               absl::StrCat("cannot make directory ", folder));
  }
}

absl::StatusOr<std::string> MakeFolder(const std::string& model,
                                       const std::string& run_dir) {
  const std::string runs = ResolveUserPath("runs");
  absl::Status status = MakeDirectories(run_dir.empty() ? runs : run_dir);
  if (!status.ok()) return status;
  if (!run_dir.empty()) return run_dir;
  return MakeNewFolder(absl::StrCat(
      runs, "/", model, "-",
      absl::FormatTime("%Y%m%d-%H%M%S", absl::Now(), absl::LocalTimeZone())));
}

// Where a path to bundled data may begin: in the working directory, in that in
// which `bazel run` was called and its workspace, and at each repository among
// the runfiles beside the executable, whose names differ between Bazels.
std::vector<std::string> DataRoots() {
  std::error_code error;
  std::vector<std::string> roots = {fs::current_path(error).string()};
  for (const char* variable :
       {"BUILD_WORKING_DIRECTORY", "BUILD_WORKSPACE_DIRECTORY"}) {
    const char* folder = std::getenv(variable);
    if (folder != nullptr) roots.push_back(folder);
  }
  std::vector<std::string> repositories;
  const fs::path self = fs::read_symlink("/proc/self/exe", error);
  for (fs::directory_iterator it(self.string() + ".runfiles", error), end;
       !error && it != end; it.increment(error)) {
    if (it->is_directory(error)) repositories.push_back(it->path().string());
  }
  std::sort(repositories.begin(), repositories.end());
  roots.insert(roots.end(), repositories.begin(), repositories.end());
  return roots;
}

}  // namespace

absl::StatusOr<std::string> MakeRunDir(const std::string& model,
                                       const std::string& run_dir) {
  absl::StatusOr<std::string> path = MakeFolder(model, run_dir);
  if (!path.ok()) return path;
  // Better to fail now than after hours of training.
  const std::string probe = *path + "/.writable";
  const absl::Status status =
      WriteFileAtomically(probe, "", {.durable = false});
  if (!status.ok()) return status;
  std::error_code ignored;
  fs::remove(probe, ignored);
  return path;
}

std::string SummaryJson(const RunFacts& facts, const TrainResult& result) {
  nlohmann::ordered_json summary = {
      {"model", facts.model},
      {"test_accuracy", nullptr},
      {"test_loss", nullptr},
      {"train_loss", nullptr},
      {"test_metrics", nlohmann::json::object()},
      {"best_test_accuracy", nullptr},
      {"best_epoch", nullptr},
      {"best_undone", result.undone_best.has_value()},
      {"best_test_loss", nullptr},
      {"best_test_metrics", nlohmann::json::object()},
      {"epochs", result.epochs.size()},
      {"steps", result.steps},
      {"skipped_steps", result.skipped_steps},
      {"rollbacks", result.rollbacks},
      {"wall_seconds", facts.wall_seconds},
      {"peak_memory_bytes", PeakMemoryBytes()},
      {"exit_reason", result.exit_reason},
      {"message", result.message},
      {"seed", facts.seed},
      {"threads", NumThreads()},
      {"instruction_set", kernels::InstructionSet()},
      {"weights_sha256", facts.weights_sha256},
  };
  if (!result.epochs.empty()) {
    const EpochReport& last = result.epochs.back();
    summary["test_accuracy"] = JsonNumber(last.test.accuracy());
    summary["test_loss"] = JsonNumber(last.test.loss());
    summary["train_loss"] = JsonNumber(last.train.loss());
    for (const Metric& metric : facts.metrics) {
      summary["test_metrics"][metric.name] =
          JsonNumber(metric.value(last.test));
    }
  }
  const EpochReport* best = BestOf(result.epochs, result.undone_best);
  if (best != nullptr) {
    summary["best_test_accuracy"] = JsonNumber(best->test.accuracy());
    summary["best_test_loss"] = JsonNumber(best->test.loss());
    for (const Metric& metric : facts.metrics) {
      summary["best_test_metrics"][metric.name] =
          JsonNumber(metric.value(best->test));
    }
    summary["best_epoch"] = best->epoch;
  }
  return summary.dump(2) + "\n";
}

absl::Status WriteSummary(const std::string& run_dir,
                          const std::string& summary) {
  // Going on with the run would write it again.
  return WriteFileAtomically(run_dir + "/summary.json", summary,
                             {.durable = false});
}

absl::StatusOr<std::string> FindBundledData(const std::string& name) {
  const std::string path =
      absl::StrContains(name, '/') ? name : "models/data/" + name;
  std::vector<std::string> tried;
  for (const std::string& root : DataRoots()) {
    std::error_code error;
    const std::string place = absl::StrCat(root, "/", path);
    if (fs::is_directory(place, error)) return place;
    if (std::find(tried.begin(), tried.end(), place) == tried.end()) {
      tried.push_back(place);
    }
  }
  return absl::NotFoundError(
      absl::StrCat("the data is not where the program looks, in ",
                   absl::StrJoin(tried, ", "),
                   "; name the folder that has it by --data_dir"));
}

absl::StatusOr<std::string> DataDirOr(const std::string& data_dir,
                                      const std::string& name) {
  if (!data_dir.empty()) return data_dir;
  return FindBundledData(name);
}

}  // namespace adjoint::train
