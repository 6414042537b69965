// Read from git's own files, for git need not be installed where a program
// runs: HEAD names a branch, and the branch is a file or a line of packed-refs
// (gitrepository-layout(5)).

#include "framework/train/git_commit.h"

#include <algorithm>
#include <cstdlib>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "framework/base/file.h"

namespace adjoint::train {
namespace {

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

std::string WorkspaceCommit() {
  const char* folder = std::getenv("BUILD_WORKSPACE_DIRECTORY");
  return folder == nullptr ? "" : GitCommit(folder);
}

}  // namespace adjoint::train
