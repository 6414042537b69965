#include "framework/io/append_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "absl/strings/str_cat.h"

namespace adjoint::io {

absl::StatusOr<std::unique_ptr<AppendFile>> AppendFile::Open(
    const std::string& path, Start start) {
  const int how = start == Start::kNew ? O_EXCL : 0;
  const int fd =
      open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | how, 0644);
  const off_t size = fd < 0 ? -1 : lseek(fd, 0, SEEK_END);
  if (size >= 0) {
    return std::unique_ptr<AppendFile>(new AppendFile(path, fd, size));
  }
  const int error = errno;
  if (fd >= 0) close(fd);
  return absl::ErrnoToStatus(error, absl::StrCat("cannot open ", path));
}

AppendFile::~AppendFile() { close(fd_); }

void AppendFile::Append(absl::string_view bytes) {
  waiting_.append(bytes.data(), bytes.size());
}

absl::Status AppendFile::Flush() {
  size_t done = 0;
  while (done < waiting_.size()) {
    const ssize_t n =
        write(fd_, waiting_.data() + done, waiting_.size() - done);
    if (n >= 0) {
      done += n;
    } else if (errno != EINTR) {
      absl::Status status =
          absl::ErrnoToStatus(errno, absl::StrCat("cannot write ", path_));
      // No part of a record may stay.
      if (done > 0 && ftruncate(fd_, size_) != 0) {
        waiting_.erase(0, done);
        size_ += static_cast<int64_t>(done);
      }
      return status;
    }
  }
  size_ += static_cast<int64_t>(done);
  waiting_.clear();
  return absl::OkStatus();
}

}  // namespace adjoint::io
