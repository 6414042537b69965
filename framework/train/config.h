// What a run was told and where it ran: config.json.
#ifndef ADJOINT_FRAMEWORK_TRAIN_CONFIG_H_
#define ADJOINT_FRAMEWORK_TRAIN_CONFIG_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "framework/train/task.h"

namespace adjoint::train {

struct DataFacts {
  int64_t examples = 0;
  std::string checksum = "";  // As DatasetInfo has it.
};

struct RunConfig {
  std::string model;
  std::map<std::string, std::string> flags;  // All, by name.
  DataFacts train, test;
  // For people: "commit", "compiler", "instruction_set", "cpu", "threads",
  // "started" (UTC), "version" and, of a run with --init, "init_sha256".
  std::map<std::string, std::string> facts;
};

// What this process runs, of the sources at `commit`.
RunConfig DescribeRun(const std::string& model, const Task& task,
                      std::map<std::string, std::string> flags,
                      const std::string& commit);

// {"model":, "flags": {name: value}, "data": {"train": {"examples":,
// "checksum":}, "test":}, "commit":, ...}, with an end of line.
std::string ToJson(const RunConfig& config);

// <run_dir>/config.json. Writing fails as WriteFileAtomically does. Reading
// fails as ReadFile does, and with InvalidArgument and the path for a file that
// ToJson did not write.
absl::Status WriteConfig(const std::string& run_dir, const RunConfig& config);
absl::StatusOr<RunConfig> ReadConfig(const std::string& run_dir);

// How `is` differs from `was` in model, or else in data and the flags that
// `matters` says yes to: "--batch_size was 128, is 64". Fit for a terminal,
// whatever is in them.
std::vector<std::string> Differences(
    const RunConfig& was, const RunConfig& is,
    const std::function<bool(absl::string_view flag)>& matters);

}  // namespace adjoint::train

#endif  // ADJOINT_FRAMEWORK_TRAIN_CONFIG_H_
