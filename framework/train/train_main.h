// What every model's program does: read the flags, train, and leave a folder
// behind.
#ifndef ADJOINT_FRAMEWORK_TRAIN_TRAIN_MAIN_H_
#define ADJOINT_FRAMEWORK_TRAIN_TRAIN_MAIN_H_

#include <functional>

#include "absl/status/status.h"
#include "framework/train/flags.h"
#include "framework/train/shared_flags.h"
#include "framework/train/task.h"

namespace adjoint::train {

// Changes the program as the model's own flags say, which have been read; the
// shared ones overrule it.
using Configure =
    std::function<absl::Status(const CommandLine& line, Program& program)>;

// Trains the program that is linked in (task.h). Returns what main returns: 0,
// 1 after a line that says what went wrong, also where the model's code threw,
// or 130 after Ctrl-C. Progress goes to stderr, results to stdout.
//
// REQUIRES: exactly one program is listed.
int TrainMain(int argc, char** argv, const Configure& configure = nullptr);

}  // namespace adjoint::train

#endif  // ADJOINT_FRAMEWORK_TRAIN_TRAIN_MAIN_H_
