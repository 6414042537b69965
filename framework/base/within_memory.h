// Memory that is short as an error of a file, not of the program.
#ifndef ADJOINT_FRAMEWORK_BASE_WITHIN_MEMORY_H_
#define ADJOINT_FRAMEWORK_BASE_WITHIN_MEMORY_H_

#include <new>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace adjoint {

// What fn(), which reads the file at `path`, returns: a Status or a StatusOr.
// ResourceExhausted, with the path, if it throws std::bad_alloc.
template <class Fn>
auto WithinMemory(absl::string_view path, const Fn& fn) -> decltype(fn()) {
  try {
    return fn();
  } catch (const std::bad_alloc&) {
    return absl::ResourceExhaustedError(
        absl::StrCat(path, ": not enough memory for its contents"));
  }
}

}  // namespace adjoint

#endif  // ADJOINT_FRAMEWORK_BASE_WITHIN_MEMORY_H_
