// One process a run.
#ifndef ADJOINT_FRAMEWORK_TRAIN_RUN_LOCK_H_
#define ADJOINT_FRAMEWORK_TRAIN_RUN_LOCK_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace adjoint::train {

// While it lives, the process alone writes into a run's folder. However the
// process ends, the kernel takes the lock back, and no file is left of it.
class RunLock {
 public:
  // FailedPrecondition, with the path, if another process, or another lock of
  // this one, has it. On a file system without locks it is granted to all.
  static absl::StatusOr<std::unique_ptr<RunLock>> Take(
      const std::string& run_dir);

  // NotFound, with the path, if the folder is no longer where it was: somebody
  // removed it, renamed it or put something else there.
  absl::Status CheckPlace() const;

  RunLock(const RunLock&) = delete;
  RunLock& operator=(const RunLock&) = delete;
  ~RunLock();

 private:
  RunLock(std::string run_dir, int fd)
      : run_dir_(std::move(run_dir)), fd_(fd) {}

  const std::string run_dir_;
  const int fd_;
};

}  // namespace adjoint::train

#endif  // ADJOINT_FRAMEWORK_TRAIN_RUN_LOCK_H_
