// Writes framework/ops/README.md of the source tree that `bazel run` was called
// for, or prints the page.

#include <cstdio>
#include <cstdlib>
#include <string>

#include "framework/base/file.h"
#include "framework/testing/ops_readme.h"

int main() {
  const std::string page = adjoint::testing::OpsReadme();
  const char* workspace = std::getenv("BUILD_WORKSPACE_DIRECTORY");
  if (workspace == nullptr) {
    std::fputs(page.c_str(), stdout);
    return 0;
  }
  const absl::Status status = adjoint::WriteFileAtomically(
      std::string(workspace) + "/framework/ops/README.md", page);
  if (!status.ok()) std::fprintf(stderr, "%s\n", status.ToString().c_str());
  return status.ok() ? 0 : 1;
}
