#include "framework/train/resume_command.h"

#include <cstdlib>
#include <filesystem>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "framework/base/file.h"

namespace adjoint::train {
namespace {

// The label of the program that Bazel built at `path`; "" if it built none
// there.
std::string LabelOf(const std::string& path) {
  const size_t out = path.rfind("/bazel-out/");
  const size_t bin = out == path.npos ? out : path.find("/bin/", out);
  if (bin == path.npos) return "";
  const std::filesystem::path program = path.substr(bin + 5);
  const std::filesystem::path package = program.parent_path();
  const std::string label = absl::StrCat("//", package.string());
  return package.filename() == program.filename()
             ? label
             : absl::StrCat(label, ":", program.filename().string());
}

std::string ProgramOf(const Call& call) {
  const std::string path = call.words.empty() ? "" : call.words[0];
  const std::string workspace = call.variable("BUILD_WORKSPACE_DIRECTORY");
  const std::string label = LabelOf(path);
  if (workspace.empty() || label.empty()) return ShellQuote(path);
  std::string bazel = "bazel";
  std::error_code error;
  if (std::filesystem::exists(workspace + "/bazelw", error)) {
    bazel = workspace == call.variable("BUILD_WORKING_DIRECTORY")
                ? "./bazelw"
                : ShellQuote(workspace + "/bazelw");
  }
  return absl::StrCat(bazel, " run ", ShellQuote(label), " --");
}

// `path` as seen from where the user is.
std::string RelativePath(absl::string_view path, const Call& call) {
  const std::string directory = call.variable("BUILD_WORKING_DIRECTORY");
  if (!directory.empty()) absl::ConsumePrefix(&path, directory + "/");
  return std::string(path);
}

}  // namespace

Call ThisCall() {
  Call call = {.variable = [](const std::string& name) {
    const char* value = std::getenv(name.c_str());
    return std::string(value == nullptr ? "" : value);
  }};
  const absl::StatusOr<std::string> line = ReadFile("/proc/self/cmdline");
  if (!line.ok()) return call;
  // Each word has a 0 behind it.
  call.words =
      absl::StrSplit(absl::StripSuffix(*line, absl::string_view("", 1)), '\0');
  return call;
}

std::string ResumeCommand(const Call& call, const std::string& run_dir,
                          const std::set<std::string>& without) {
  std::string command = ProgramOf(call);
  for (size_t i = 1; i < call.words.size(); ++i) {
    const absl::string_view word = call.words[i];
    const std::string flag(
        absl::StripPrefix(word.substr(0, word.find('=')), "--"));
    if (flag == "resume" || flag == "run_dir" || without.count(flag) > 0) {
      if (!absl::StrContains(word, '=')) ++i;  // Its value.
      continue;
    }
    absl::StrAppend(&command, " ", ShellQuote(word));
  }
  return absl::StrCat(
      command, " ",
      ShellQuote(absl::StrCat("--resume=", RelativePath(run_dir, call))));
}

std::string CommandToGoOn(const Call& call, const std::string& run_dir,
                          const TrainResult& result, int64_t rollbacks) {
  if (result.exit_reason == "time") {
    return ResumeCommand(call, run_dir, {"max_seconds"});
  }
  if (result.exit_reason != "diverged") return ResumeCommand(call, run_dir);
  if (result.blame != Blame::kTraining) return "";
  return absl::StrCat(ResumeCommand(call, run_dir, {"rollbacks"}),
                      " --rollbacks=", rollbacks + 3);
}

std::string ShellQuote(absl::string_view word) {
  const bool plain = !word.empty() && word.find_first_not_of(
                                          "abcdefghijklmnopqrstuvwxyz"
                                          "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                          "0123456789_@%+=:,./-") == word.npos;
  if (plain) return std::string(word);
  return absl::StrCat("'", absl::StrReplaceAll(word, {{"'", "'\\''"}}), "'");
}

}  // namespace adjoint::train
