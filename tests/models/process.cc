#include "tests/models/process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "framework/base/file.h"

namespace adjoint {

std::string NewFolder(const std::string& name) {
  const std::string folder = absl::StrCat(testing::TempDir(), "/", name);
  std::filesystem::remove_all(folder);
  return folder;
}

pid_t Start(std::vector<std::string> command, const std::string& output,
            const std::function<void()>& prepare) {
  std::vector<char*> argv;
  for (std::string& word : command) argv.push_back(word.data());
  argv.push_back(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    prepare();
    const int fd = open(output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (dup2(fd, STDOUT_FILENO) >= 0 && dup2(fd, STDERR_FILENO) >= 0) {
      execv(argv[0], argv.data());
    }
    _exit(127);
  }
  return child;
}

int Wait(pid_t child) {
  int status = 0;
  waitpid(child, &status, 0);
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

nlohmann::json Summary(const std::string& run_dir) {
  const auto text = ReadFile(run_dir + "/summary.json");
  return nlohmann::json::parse(text.ok() ? *text : "{}");
}

std::vector<nlohmann::json> Rows(const std::string& run_dir) {
  std::vector<nlohmann::json> rows;
  const std::string text = ReadFile(run_dir + "/metrics.jsonl").value();
  for (size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) {
    rows.push_back(
        nlohmann::json::parse(text.substr(at, text.find('\n', at) - at)));
    rows.back().erase("seconds");
  }
  return rows;
}

}  // namespace adjoint
