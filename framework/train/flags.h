// The command line of a training program: Abseil's flags, with the answers that
// a person who mistyped one wants.
#ifndef ADJOINT_FRAMEWORK_TRAIN_FLAGS_H_
#define ADJOINT_FRAMEWORK_TRAIN_FLAGS_H_

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "framework/train/recipe.h"

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

// The flags that every model's program shares, checked: one for each member,
// and for each of the recipe. They are defined in flags.cc.
struct SharedFlags {
  Recipe recipe;
  uint64_t seed;
  int threads;           // 0: as many as there are processors.
  std::string data_dir;  // As ResolveUserPath gives it; empty if not given.
  std::string run_dir;   // Likewise.
};
absl::StatusOr<SharedFlags> GetSharedFlags();

// Gives the recipe's flags the values of `recipe`, but for those on the line.
void SetDefaults(const Recipe& recipe, const CommandLine& line = {});

}  // namespace adjoint::train

#endif  // ADJOINT_FRAMEWORK_TRAIN_FLAGS_H_
