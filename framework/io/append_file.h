// A file that grows at its end.
#ifndef ADJOINT_FRAMEWORK_IO_APPEND_FILE_H_
#define ADJOINT_FRAMEWORK_IO_APPEND_FILE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace adjoint::io {

// Appends records, which are kept in memory until Flush. A reader, also after
// this process was killed, finds what was flushed; it is not forced to the disk
// and may not outlive a loss of power.
class AppendFile {
 public:
  enum class Start {
    kNew,  // AlreadyExists where there is a file.
    kEnd,  // Of the file that is there, if one is.
  };

  // Its errors have the path and the system's reason.
  static absl::StatusOr<std::unique_ptr<AppendFile>> Open(
      const std::string& path, Start start);

  AppendFile(const AppendFile&) = delete;
  AppendFile& operator=(const AppendFile&) = delete;
  ~AppendFile();  // Does not flush.

  void Append(absl::string_view bytes);

  // Writes what was appended. On an error, such as a full disk, the file is as
  // it was before and the bytes wait for the next Flush; those of them that
  // cannot be taken back from the file stay there, and only the rest waits. The
  // status has the path and the system's reason.
  absl::Status Flush();

  const std::string& path() const { return path_; }

 private:
  AppendFile(std::string path, int fd, int64_t size)
      : path_(std::move(path)), fd_(fd), size_(size) {}

  const std::string path_;
  const int fd_;
  int64_t size_;  // Up to where the file is whole.
  std::string waiting_;
};

}  // namespace adjoint::io

#endif  // ADJOINT_FRAMEWORK_IO_APPEND_FILE_H_
