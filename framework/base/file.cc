#include "framework/base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "framework/base/large_pages.h"
#include "framework/base/within_memory.h"

namespace adjoint {
namespace {

// What errno says about `cannot <verb> <path>`.
absl::Status Failure(absl::string_view verb, absl::string_view path) {
  const int error = errno;
  return absl::ErrnoToStatus(error, absl::StrCat("cannot ", verb, " ", path));
}

absl::Status TooLarge(const std::string& path, int64_t max_bytes) {
  return absl::OutOfRangeError(absl::StrCat(
      "cannot read ", path, ": larger than ", max_bytes, " bytes"));
}

absl::Status WriteAll(int fd, absl::string_view bytes,
                      const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = write(fd, bytes.data(), bytes.size());
    if (written >= 0) {
      bytes.remove_prefix(written);
    } else if (errno != EINTR) {
      return Failure("write", path);
    }
  }
  return absl::OkStatus();
}

absl::Status Flush(int fd, const std::string& path) {
  while (fsync(fd) != 0) {
    if (errno != EINTR) return Failure("flush", path);
  }
  return absl::OkStatus();
}

constexpr char kTemporary[] = ".tmp";

// A name next to `path` that no other call of this process gives.
std::string TemporaryName(const std::string& path) {
  static std::atomic<int> count{0};
  return absl::StrCat(path, ".", getpid(), "-", count++, kTemporary);
}

// Whether TemporaryName may have given `name`, in any process.
bool IsTemporaryName(absl::string_view name) {
  if (!absl::ConsumeSuffix(&name, kTemporary)) return false;
  const std::pair<absl::string_view, absl::string_view> numbers =
      absl::StrSplit(name.substr(name.rfind('.') + 1), absl::MaxSplits('-', 1));
  int process, count;
  return absl::SimpleAtoi(numbers.first, &process) &&
         absl::SimpleAtoi(numbers.second, &count);
}

// Creates a new file next to `path`, opens it for writing and sets `temporary`
// to its name. Unlike mkstemp it lets the umask choose the permissions.
absl::StatusOr<int> CreateTemporary(const std::string& path,
                                    std::string& temporary) {
  for (;;) {
    temporary = TemporaryName(path);
    const int fd =
        open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd >= 0) return fd;
    // EEXIST: left by a killed process that had the same id.
    if (errno != EEXIST && errno != EINTR) return Failure("create", temporary);
  }
}

absl::Status WriteAndClose(int fd, absl::Span<const absl::string_view> pieces,
                           const WriteOptions& options,
                           const std::string& path) {
  absl::Status status;
  for (const absl::string_view piece : pieces) {
    if (status.ok()) status = WriteAll(fd, piece, path);
  }
  if (status.ok() && options.durable) status = Flush(fd, path);
  // After EINTR too the descriptor is gone, and the bytes are on the disk.
  if (close(fd) != 0 && errno != EINTR) status.Update(Failure("close", path));
  return status;
}

// ReadFile, which throws std::bad_alloc where memory is short.
absl::StatusOr<std::string> Read(const std::string& path, int64_t max_bytes) {
  // O_NONBLOCK: do not wait for the writer of a named pipe.
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return Failure("open", path);
  const absl::Cleanup closer = [fd] { close(fd); };

  struct stat info;
  if (fstat(fd, &info) != 0) return Failure("read", path);
  if (!S_ISREG(info.st_mode)) {
    return absl::FailedPreconditionError(absl::StrCat(
        "cannot read ", path, ": ",
        S_ISDIR(info.st_mode) ? "Is a directory" : "Not a regular file"));
  }
  if (info.st_size > max_bytes) return TooLarge(path, max_bytes);

  // The size is a hint: the file may change, and those of /proc say 0. The
  // byte more is for the read that finds the end.
  std::string contents;
  contents.reserve(info.st_size + 1);
  PreferLargePages(contents.data(), contents.capacity());
  contents.resize(info.st_size + 1);
  size_t size = 0;
  for (;;) {
    const ssize_t got = read(fd, &contents[size], contents.size() - size);
    if (got == 0) break;
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Failure("read", path);
    size += got;
    if (static_cast<int64_t>(size) > max_bytes) {
      return TooLarge(path, max_bytes);
    }
    if (size == contents.size()) contents.resize(2 * size + 4096);
  }
  contents.resize(size);
  return contents;
}

}  // namespace

absl::StatusOr<std::string> ReadFile(const std::string& path,
                                     int64_t max_bytes) {
  return WithinMemory(path, [&] { return Read(path, max_bytes); });
}

absl::Status WriteFileAtomically(const std::string& path,
                                 absl::string_view contents,
                                 const WriteOptions& options) {
  return WriteFileAtomically(path, absl::MakeConstSpan(&contents, 1), options);
}

absl::Status WriteFileAtomically(const std::string& path,
                                 absl::Span<const absl::string_view> pieces,
                                 const WriteOptions& options) {
  const size_t slash = path.rfind('/');
  const std::string directory = slash == std::string::npos ? "."
                                : slash == 0               ? "/"
                                             : path.substr(0, slash);
  const int directory_fd =
      open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory_fd < 0) return Failure("open", directory);
  const absl::Cleanup closer = [directory_fd] { close(directory_fd); };

  std::string temporary;
  const absl::StatusOr<int> fd = CreateTemporary(path, temporary);
  if (!fd.ok()) return fd.status();
  absl::Cleanup remover = [&temporary] { unlink(temporary.c_str()); };
  absl::Status status = WriteAndClose(*fd, pieces, options, temporary);
  if (!status.ok()) return status;
  if (rename(temporary.c_str(), path.c_str()) != 0) {
    return Failure("replace", path);
  }
  std::move(remover).Cancel();
  return options.durable ? Flush(directory_fd, directory) : absl::OkStatus();
}

absl::Status LinkAtomically(const std::string& from, const std::string& to) {
  std::string temporary;
  for (;;) {
    temporary = TemporaryName(to);
    if (link(from.c_str(), temporary.c_str()) == 0) break;
    if (errno != EEXIST) return Failure("link", temporary);
  }
  absl::Status status;
  if (rename(temporary.c_str(), to.c_str()) != 0) {
    status = Failure("replace", to);
  }
  // After a success it is there only if the two were one file already.
  unlink(temporary.c_str());
  return status;
}

void RemoveTemporaries(const std::string& directory) {
  std::error_code error;
  for (std::filesystem::directory_iterator it(directory, error), end;
       !error && it != end; it.increment(error)) {
    if (!IsTemporaryName(it->path().filename().string())) continue;
    std::error_code ignored;
    std::filesystem::remove(it->path(), ignored);
  }
}

absl::Status MakeDirectories(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (!error) return absl::OkStatus();
  return absl::ErrnoToStatus(error.value(),
                             absl::StrCat("cannot make directory ", path));
}

std::string ResolveUserPath(const std::string& path) {
  const char* directory = std::getenv("BUILD_WORKING_DIRECTORY");
  if (path.empty() || path[0] == '/' || directory == nullptr) return path;
  return absl::StrCat(directory, "/", path);
}

}  // namespace adjoint
