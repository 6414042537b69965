// The command line of a training program: Abseil's flags, with the answers that
// a person who mistyped one wants.
#ifndef ADJOINT_FRAMEWORK_TRAIN_FLAGS_H_
#define ADJOINT_FRAMEWORK_TRAIN_FLAGS_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace adjoint::train {

// What was on the command line.
struct CommandLine {
  bool help = false;            // --help was there.
  std::set<std::string> given;  // The names of the flags that were set.

  bool Has(absl::string_view flag) const {
    return given.count(std::string(flag)) > 0;
  }
};

// Sets Abseil flags from `--name=value`, `--name value` and, for a bool,
// `--name`. InvalidArgument, in one line, for an unknown flag (with the nearest
// one there is), a value that is not of the flag's type (with the flag's help,
// which tells what is), and for any argument that is not a flag.
absl::StatusOr<CommandLine> ParseFlags(int argc, const char* const* argv);

// The flags that Adjoint's own files define, with their values and help.
std::string FlagsHelp();

// The same flags by name, each with its value as one would write it.
std::map<std::string, std::string> FlagValues();

// InvalidArgument unless low <= value <= high: "--momentum=2: must be in
// [0, 1]". NaN is never inside.
absl::Status CheckRange(absl::string_view flag, double value, double low,
                        double high);

// InvalidArgument unless `value` is one of `choices`; names the nearest.
absl::Status CheckChoice(absl::string_view flag, absl::string_view value,
                         absl::Span<const absl::string_view> choices);

// "128,64" as numbers, each in [1, 2^20]; empty for "". InvalidArgument if it
// is anything else.
absl::StatusOr<std::vector<int64_t>> ParseSizes(absl::string_view flag,
                                                absl::string_view value);

}  // namespace adjoint::train

#endif  // ADJOINT_FRAMEWORK_TRAIN_FLAGS_H_
