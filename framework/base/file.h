// Whole files in, whole files out.
#ifndef ADJOINT_FRAMEWORK_BASE_FILE_H_
#define ADJOINT_FRAMEWORK_BASE_FILE_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace adjoint {

// The bytes of the regular file at `path`. NotFound, PermissionDenied or
// another code that fits errno, with the path and the system's reason;
// OutOfRange if it is larger than `max_bytes`, and ResourceExhausted if memory
// is short for it; FailedPrecondition if it is a directory or another thing
// that is not a regular file.
absl::StatusOr<std::string> ReadFile(const std::string& path,
                                     int64_t max_bytes = int64_t{1} << 40);

struct WriteOptions {
  // Whether to flush. If not, a loss of power soon after may leave an empty
  // file, and a writer does not wait for the disk: some ten times less.
  bool durable = true;
};

// Replaces the file at `path` (a symbolic link itself, not what it points to)
// by `contents`, all or nothing: a temporary file `<path>.<pid>-<count>.tmp` is
// written, flushed to the disk and renamed, and the directory is flushed. On an
// error the old file is as it was and no temporary file is left, with one
// exception: if the last step fails, the new file is in place but may not
// outlive a loss of power. A process that is killed leaves the old or the new
// file, and perhaps the temporary one. The file's mode is 0644 less the umask.
absl::Status WriteFileAtomically(const std::string& path,
                                 absl::string_view contents,
                                 const WriteOptions& options = {});

// The same for contents in pieces, one behind the other.
absl::Status WriteFileAtomically(const std::string& path,
                                 absl::Span<const absl::string_view> pieces,
                                 const WriteOptions& options = {});

// Gives the file `from` a second name, `to` in the same directory, in place of
// what had that name; all or nothing, as above, but not flushed: it may not
// outlive a loss of power. An error on a disk without hard links.
absl::Status LinkAtomically(const std::string& from, const std::string& to);

// Removes from a directory the temporary files that processes left there which
// were killed in one of the two. REQUIRES: no process is in one now.
void RemoveTemporaries(const std::string& directory);

// Makes the directory `path` and its parents; a directory that exists is fine.
absl::Status MakeDirectories(const std::string& path);

// `path` if absolute or empty, else resolved against the directory in which the
// user called `bazel run` ($BUILD_WORKING_DIRECTORY) where that is set.
std::string ResolveUserPath(const std::string& path);

}  // namespace adjoint

#endif  // ADJOINT_FRAMEWORK_BASE_FILE_H_
