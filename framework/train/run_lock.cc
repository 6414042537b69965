#include "framework/train/run_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace adjoint::train {

absl::StatusOr<std::unique_ptr<RunLock>> RunLock::Take(
    const std::string& run_dir) {
  // A directory can be locked like a file.
  const int fd = open(run_dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot open ", run_dir));
  }
  std::unique_ptr<RunLock> lock(new RunLock(run_dir, fd));
  if (flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    return absl::FailedPreconditionError(
        absl::StrCat(run_dir, ": another process is in this run"));
  }
  return lock;
}

absl::Status RunLock::CheckPlace() const {
  struct stat locked, there;
  if (fstat(fd_, &locked) == 0 && stat(run_dir_.c_str(), &there) == 0 &&
      locked.st_dev == there.st_dev && locked.st_ino == there.st_ino) {
    return absl::OkStatus();
  }
  return absl::NotFoundError(
      absl::StrCat(run_dir_,
                   ": the run's folder is gone: it was removed, renamed or "
                   "replaced while the run went on"));
}

RunLock::~RunLock() { close(fd_); }

}  // namespace adjoint::train
