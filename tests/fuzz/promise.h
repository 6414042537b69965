// What every parser promises for every file (SECURITY.md).
#ifndef ADJOINT_TESTS_FUZZ_PROMISE_H_
#define ADJOINT_TESTS_FUZZ_PROMISE_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "tests/fuzz/heap.h"

namespace adjoint::fuzz {

inline constexpr char kPath[] = "some/file";

// Throws std::logic_error(promise) unless it holds.
void Require(bool holds, absl::string_view promise);

// That the text of an error is one line of printable ASCII which begins with
// the path and names a place: an offset or a line.
void RequirePlace(const absl::Status& error, absl::string_view path = kPath);

// How many bytes a file holds: its own or, compressed by gzip, those that it
// inflates to before it ends or is damaged.
int64_t BytesHeld(absl::string_view file);

// What parse() returns, and that it took no more than `most` bytes of memory.
template <class Parse>
auto Within(int64_t most, Parse parse) {
  const int64_t before = ResetHeapPeak();
  auto result = parse();
  Require(HeapPeak() - before <= most, "memory is bounded by the file");
  return result;
}

// A folder of this process's own.
const std::string& TemporaryFolder();

// The path of a file in it that now has these contents.
std::string WriteTemporary(absl::string_view name, absl::string_view contents);

}  // namespace adjoint::fuzz

#endif  // ADJOINT_TESTS_FUZZ_PROMISE_H_
