// What to type to go on with a run.
#ifndef ADJOINT_FRAMEWORK_TRAIN_RESUME_COMMAND_H_
#define ADJOINT_FRAMEWORK_TRAIN_RESUME_COMMAND_H_

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "framework/train/display.h"
#include "framework/train/train.h"

namespace adjoint::train {

// How a program was called.
struct Call {
  std::vector<std::string> words;  // Its path and its arguments.
  Variables variable;
};

// How this process was.
Call ThisCall();

// A line for the shell that calls the program as it was called, with
// --resume=<run_dir> and without --run_dir, an older --resume and the flags
// named in `without`. After `bazel run`, which tells by its environment
// variables, that is another `bazel run`, by ./bazelw where the workspace has
// it, and the path is relative to where the user is.
std::string ResumeCommand(const Call& call, const std::string& run_dir,
                          const std::set<std::string>& without = {});

// The same for a run that ended as `result` says: without a limit of time that
// would end it after a step. One that diverged is let go back more often than
// the `rollbacks` times that it was; "" if that cannot help.
std::string CommandToGoOn(const Call& call, const std::string& run_dir,
                          const TrainResult& result, int64_t rollbacks);

// `word` as the shell reads it, in quotes if it needs them.
std::string ShellQuote(absl::string_view word);

}  // namespace adjoint::train

#endif  // ADJOINT_FRAMEWORK_TRAIN_RESUME_COMMAND_H_
