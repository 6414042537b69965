// Whole files in, whole files out.
#ifndef ADJOINT_FRAMEWORK_BASE_FILE_H_
#define ADJOINT_FRAMEWORK_BASE_FILE_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace adjoint {

// The bytes of the regular file at `path`. NotFound, PermissionDenied or
// another code that fits errno, with the path and the system's reason;
// OutOfRange if it is larger than `max_bytes`; FailedPrecondition if it is a
// directory or another thing that is not a regular file.
absl::StatusOr<std::string> ReadFile(const std::string& path,
                                     int64_t max_bytes = int64_t{1} << 40);

// Replaces the file at `path` by `contents`, all or nothing: a temporary file
// in the same directory is written, flushed to the disk and renamed, and the
// directory is flushed. On an error the old file is as it was and no temporary
// file is left.
absl::Status WriteFileAtomically(const std::string& path,
                                 absl::string_view contents);

// Makes the directory `path` and its parents; a directory that exists is fine.
absl::Status MakeDirectories(const std::string& path);

// `path` if absolute, else resolved against the directory in which the user
// called `bazel run` ($BUILD_WORKING_DIRECTORY) where that is set.
std::string ResolveUserPath(const std::string& path);

}  // namespace adjoint

#endif  // ADJOINT_FRAMEWORK_BASE_FILE_H_
