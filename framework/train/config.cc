#include "framework/train/config.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "framework/base/file.h"
#include "framework/base/parallel_for.h"
#include "framework/kernels/instruction_set.h"
#include "framework/train/display_text.h"
#include "framework/train/json_error.h"
#include "nlohmann/json.hpp"

namespace adjoint::train {
namespace {

using Json = nlohmann::ordered_json;

std::string PathOf(const std::string& run_dir) {
  return run_dir + "/config.json";
}

std::string Compiler() {
#if defined(__clang__)
  return absl::StrCat("clang++ ", __clang_version__);
#else
  return absl::StrCat("g++ ", __VERSION__);
#endif
}

// What Linux calls the processor.
std::string Cpu() {
  const absl::StatusOr<std::string> text = ReadFile("/proc/cpuinfo", 1 << 24);
  for (absl::string_view line :
       absl::StrSplit(text.ok() ? *text : std::string(), '\n')) {
    if (!absl::ConsumePrefix(&line, "model name")) continue;
    return std::string(
        absl::StripAsciiWhitespace(line.substr(line.find(':') + 1)));
  }
  return "";
}

DataFacts FactsOf(const data::Dataset& dataset) {
  return {dataset.size(), dataset.info().checksum};
}

Json ToJson(const DataFacts& data) {
  return {{"examples", data.examples}, {"checksum", data.checksum}};
}

DataFacts DataFromJson(const Json& json) {
  // By reference, which refuses a number that is no integer: its cast could be
  // undefined.
  const auto& examples =
      json.at("examples").get_ref<const Json::number_unsigned_t&>();
  return {static_cast<int64_t>(examples),
          json.at("checksum").get<std::string>()};
}

std::string ToString(const DataFacts& data) {
  return absl::StrCat(data.examples, " examples",
                      data.checksum.empty() ? "" : ", ", data.checksum);
}

}  // namespace

RunConfig DescribeRun(const std::string& model, const Task& task,
                      std::map<std::string, std::string> flags,
                      const std::string& commit) {
  return {.model = model,
          .flags = std::move(flags),
          .train = FactsOf(task.train_data()),
          .test = FactsOf(task.test_data()),
          .facts = {{"commit", commit},
                    {"compiler", Compiler()},
                    {"cpu", Cpu()},
                    {"instruction_set", kernels::InstructionSet()},
                    {"started", absl::FormatTime(absl::RFC3339_sec, absl::Now(),
                                                 absl::UTCTimeZone())},
                    {"threads", absl::StrCat(NumThreads())},
                    {"version", "0.1"}}};
}

std::string ToJson(const RunConfig& config) {
  Json json = {
      {"model", config.model},
      {"flags", config.flags},
      {"data",
       {{"train", ToJson(config.train)}, {"test", ToJson(config.test)}}}};
  for (const auto& [name, fact] : config.facts) json[name] = fact;
  // A flag may hold a path that is no UTF-8.
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

absl::Status WriteConfig(const std::string& run_dir, const RunConfig& config) {
  return WriteFileAtomically(PathOf(run_dir), ToJson(config));
}

absl::StatusOr<RunConfig> ReadConfig(const std::string& run_dir) {
  const std::string path = PathOf(run_dir);
  const absl::StatusOr<std::string> text = ReadFile(path, 1 << 24);
  if (!text.ok()) return text.status();
  try {
    const Json json = Json::parse(*text);
    RunConfig config = {
        .model = json.at("model").get<std::string>(),
        .flags = json.at("flags").get<std::map<std::string, std::string>>(),
        .train = DataFromJson(json.at("data").at("train")),
        .test = DataFromJson(json.at("data").at("test"))};
    for (const auto& [name, fact] : json.items()) {
      if (fact.is_string() && name != "model") config.facts[name] = fact;
    }
    return config;
  } catch (const Json::exception& e) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": ", JsonError(e)));
  }
}

std::vector<std::string> Differences(
    const RunConfig& was, const RunConfig& is,
    const std::function<bool(absl::string_view flag)>& matters) {
  std::vector<std::string> differences;
  const auto compare = [&](absl::string_view what, absl::string_view a,
                           absl::string_view b) {
    if (a == b) return;
    differences.push_back(
        EscapeControls(absl::StrCat(what, " was ", a.empty() ? "\"\"" : a,
                                    ", is ", b.empty() ? "\"\"" : b)));
  };
  compare("the model", was.model, is.model);
  // Another model has other flags and data, which go without saying.
  if (!differences.empty()) return differences;
  std::map<std::string, std::string> all = was.flags;
  all.insert(is.flags.begin(), is.flags.end());
  const auto value = [](const RunConfig& config, const std::string& flag) {
    const auto found = config.flags.find(flag);
    return found == config.flags.end() ? "unknown" : found->second;
  };
  for (const auto& [flag, unused] : all) {
    // A run may be older than a flag, which then asks for nothing.
    const bool is_new = was.flags.count(flag) == 0 && value(is, flag).empty();
    if (!matters(flag) || is_new) continue;
    compare(absl::StrCat("--", flag), value(was, flag), value(is, flag));
  }
  compare("the training data", ToString(was.train), ToString(is.train));
  compare("the test data", ToString(was.test), ToString(is.test));
  return differences;
}

}  // namespace adjoint::train
