// A parser under fuzz.
//
// Each <parser>_target.cc defines the two functions below. It is linked with
// mutations_test.cc to a test of every day, and with libfuzzer.cc to a program
// that searches on its own, as long as it is told to:
//
//   ./bazelw run --config=fuzz //tests/fuzz:csv_fuzzer -- -max_total_time=120
//
// A folder may follow, in which it keeps what it found (an absolute path).
#ifndef ADJOINT_TESTS_FUZZ_TARGET_H_
#define ADJOINT_TESTS_FUZZ_TARGET_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace adjoint::fuzz {

// Hands the parser a file of these bytes, and says whether it took them. Throws
// if it broke a promise (promise.h).
bool Fuzz(absl::string_view bytes);

// Some files that the parser takes, to begin with.
std::vector<std::string> Seeds();

}  // namespace adjoint::fuzz

#endif  // ADJOINT_TESTS_FUZZ_TARGET_H_
