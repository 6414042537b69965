// Which version of the sources a program was run from.
#ifndef ADJOINT_FRAMEWORK_TRAIN_GIT_COMMIT_H_
#define ADJOINT_FRAMEWORK_TRAIN_GIT_COMMIT_H_

#include <string>

namespace adjoint::train {

// The commit, in hexadecimal digits, that is checked out in the git repository
// at `folder`; "" if there is none to be found. What is not committed does not
// show.
std::string GitCommit(const std::string& folder);

// The same for the folder that `bazel run` was called in.
std::string WorkspaceCommit();

}  // namespace adjoint::train

#endif  // ADJOINT_FRAMEWORK_TRAIN_GIT_COMMIT_H_
