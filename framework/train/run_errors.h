// What went wrong in a run besides its training: files that cannot be written.
#ifndef ADJOINT_FRAMEWORK_TRAIN_RUN_ERRORS_H_
#define ADJOINT_FRAMEWORK_TRAIN_RUN_ERRORS_H_

#include <string>

#include "absl/status/status.h"
#include "framework/train/terminal.h"

namespace adjoint::train {

// The first error is what the run ends with: training on without being able to
// save would lose more. Others are told at once.
class RunErrors {
 public:
  // The terminal must outlive this.
  explicit RunErrors(Terminal& terminal) : terminal_(terminal) {}

  void Note(const absl::Status& status) {
    if (!first_.ok() && !status.ok() && status != first_) {
      terminal_.Warning(std::string(status.message()));
    }
    first_.Update(status);
  }

  const absl::Status& first() const { return first_; }

 private:
  Terminal& terminal_;
  absl::Status first_;
};

}  // namespace adjoint::train

#endif  // ADJOINT_FRAMEWORK_TRAIN_RUN_ERRORS_H_
