// Which version of the sources a program was run from.
#ifndef ADJOINT_FRAMEWORK_TRAIN_GIT_COMMIT_H_
#define ADJOINT_FRAMEWORK_TRAIN_GIT_COMMIT_H_

#include <string>

#include "absl/strings/string_view.h"

namespace adjoint::train {

// The commit, in hexadecimal digits, that is checked out in the git repository
// at `folder`; "" if there is none to be found.
std::string GitCommit(const std::string& folder);

// Whether files that git tracks in `folder` differ from the commit, as git
// says. False where it does not say so within a second, or is not installed.
bool HasUncommittedChanges(const std::string& folder);

// The commit of the folder that `bazel run` was called in, with "-dirty" behind
// it if there are uncommitted changes.
std::string WorkspaceCommit();

// What a line shows of it: "1a2b3c4-dirty".
std::string ShortCommit(absl::string_view commit);

}  // namespace adjoint::train

#endif  // ADJOINT_FRAMEWORK_TRAIN_GIT_COMMIT_H_
