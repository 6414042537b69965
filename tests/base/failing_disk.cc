#include "tests/base/failing_disk.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstring>

namespace adjoint {
namespace {

thread_local FailingDisk* disk = nullptr;

bool Fails(const char* call) { return disk != nullptr && disk->Fails(call); }

size_t Most(size_t size) { return disk == nullptr ? size : disk->Most(size); }

}  // namespace

FailingDisk::FailingDisk(const Options& options) : options_(options) {
  disk = this;
}

FailingDisk::~FailingDisk() { disk = nullptr; }

bool FailingDisk::Fails(const char* call) {
  const int number = static_cast<int>(calls_.size());
  calls_.push_back(call);
  const bool harmless =
      std::strcmp(call, "read") == 0 || std::strcmp(call, "close") == 0;
  const bool fails = number == options_.failing_call ||
                     (options_.for_good && options_.failing_call >= 0 &&
                      number > options_.failing_call && !harmless);
  if (!fails) return false;
  failed_ = true;
  errno = options_.error;
  return true;
}

size_t FailingDisk::Most(size_t size) const {
  return std::min(size, options_.most);
}

}  // namespace adjoint

// These take the place of the C library's, also for shared libraries.
extern "C" {

int open(const char* path, int flags, ...) {
  mode_t mode = 0;
  if ((flags & O_CREAT) != 0) {
    va_list arguments;
    va_start(arguments, flags);
    mode = va_arg(arguments, mode_t);
    va_end(arguments);
    if (adjoint::Fails("create")) return -1;
  }
  return static_cast<int>(syscall(SYS_openat, AT_FDCWD, path, flags, mode));
}

ssize_t read(int fd, void* data, size_t size) {
  if (adjoint::Fails("read")) return -1;
  return syscall(SYS_read, fd, data, adjoint::Most(size));
}

ssize_t write(int fd, const void* data, size_t size) {
  if (adjoint::Fails("write")) return -1;
  return syscall(SYS_write, fd, data, adjoint::Most(size));
}

int fsync(int fd) {
  if (adjoint::Fails("fsync")) return -1;
  if (adjoint::disk != nullptr) return 0;
  return static_cast<int>(syscall(SYS_fsync, fd));
}

int close(int fd) {
  // A close that fails has closed all the same.
  const int result = static_cast<int>(syscall(SYS_close, fd));
  return adjoint::Fails("close") ? -1 : result;
}

int rename(const char* from, const char* to) noexcept {
  if (adjoint::Fails("rename")) return -1;
  return renameat(AT_FDCWD, from, AT_FDCWD, to);
}

int link(const char* from, const char* to) noexcept {
  if (adjoint::Fails("link")) return -1;
  return linkat(AT_FDCWD, from, AT_FDCWD, to, 0);
}

int ftruncate(int fd, off_t size) noexcept {
  if (adjoint::Fails("ftruncate")) return -1;
  return static_cast<int>(syscall(SYS_ftruncate, fd, size));
}

}  // extern "C"
