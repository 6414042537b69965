// The commit is read from git's own files, for git need not be installed where
// a program runs: HEAD names a branch, and the branch is a file or a line of
// packed-refs (gitrepository-layout(5)). What is not committed only git knows.

#include "framework/train/git_commit.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "framework/base/file.h"

namespace adjoint::train {
namespace {

constexpr char kDirty[] = "-dirty";

// The file's text without blanks around it; "" if it cannot be read.
std::string TextOf(const std::string& path) {
  const absl::StatusOr<std::string> text = ReadFile(path, 1 << 24);
  return text.ok() ? std::string(absl::StripAsciiWhitespace(*text)) : "";
}

// `path`, which may be relative to `folder`.
std::string Below(const std::string& folder, absl::string_view path) {
  return !path.empty() && path[0] == '/' ? std::string(path)
                                         : absl::StrCat(folder, "/", path);
}

bool IsHash(absl::string_view text) {
  return (text.size() == 40 || text.size() == 64) &&
         std::all_of(text.begin(), text.end(), absl::ascii_isxdigit);
}

// Starts `git status`, which prints a line for each file that differs, with its
// output into `pipe`; its process, or 0 where it does not start.
pid_t StartGitStatus(const std::string& folder, int pipe) {
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  const absl::Cleanup free = [&] { posix_spawn_file_actions_destroy(&files); };
  posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&files, pipe, 1);
  posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0);
  // It takes no lock that somebody else's git would wait for.
  std::vector<std::string> words = {
      "git",         "--no-optional-locks", "-C", folder, "status",
      "--porcelain", "--untracked-files=no"};
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_t process;
  return posix_spawnp(&process, "git", &files, nullptr, arguments.data(),
                      environ) == 0
             ? process
             : 0;
}

// Whether a byte comes out of `pipe` within a second, and before its end.
bool SaysAnything(int pipe) {
  struct pollfd wait = {.fd = pipe, .events = POLLIN, .revents = 0};
  char byte;
  return poll(&wait, 1, 1000) == 1 && read(pipe, &byte, 1) == 1;
}

}  // namespace

std::string GitCommit(const std::string& folder) {
  std::string git = folder + "/.git";
  // Of a second work tree it is a file that names the folder.
  const std::string link = TextOf(git);
  absl::string_view target = link;
  if (absl::ConsumePrefix(&target, "gitdir: ")) git = Below(folder, target);
  const std::string shared = TextOf(git + "/commondir");
  const std::string refs = shared.empty() ? git : Below(git, shared);

  std::string head = TextOf(git + "/HEAD");
  if (IsHash(head)) return head;
  absl::string_view branch = head;
  if (!absl::ConsumePrefix(&branch, "ref: ")) return "";
  std::string loose = TextOf(Below(refs, branch));
  if (IsHash(loose)) return loose;
  for (absl::string_view line :
       absl::StrSplit(TextOf(refs + "/packed-refs"), '\n')) {
    if (absl::ConsumeSuffix(&line, absl::StrCat(" ", branch)) && IsHash(line)) {
      return std::string(line);
    }
  }
  return "";
}

bool HasUncommittedChanges(const std::string& folder) {
  int pipe[2];
  if (pipe2(pipe, O_CLOEXEC) != 0) return false;
  const pid_t process = StartGitStatus(folder, pipe[1]);
  close(pipe[1]);
  const bool changes = process != 0 && SaysAnything(pipe[0]);
  close(pipe[0]);
  if (process != 0) {
    kill(process, SIGKILL);  // Its first word is enough.
    while (waitpid(process, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  return changes;
}

std::string WorkspaceCommit() {
  const char* folder = std::getenv("BUILD_WORKSPACE_DIRECTORY");
  if (folder == nullptr) return "";
  std::string commit = GitCommit(folder);
  if (!commit.empty() && HasUncommittedChanges(folder)) commit += kDirty;
  return commit;
}

std::string ShortCommit(absl::string_view commit) {
  const bool dirty = absl::ConsumeSuffix(&commit, kDirty);
  return absl::StrCat(commit.substr(0, 7), dirty ? kDirty : "");
}

}  // namespace adjoint::train
