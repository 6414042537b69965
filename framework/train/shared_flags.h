// The flags that every model's program shares.
#ifndef ADJOINT_FRAMEWORK_TRAIN_SHARED_FLAGS_H_
#define ADJOINT_FRAMEWORK_TRAIN_SHARED_FLAGS_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "framework/train/flags.h"
#include "framework/train/recipe.h"

namespace adjoint::train {

// One for each member, and one for each of the recipe, checked. shared_flags.cc
// tells what they mean. Paths are as ResolveUserPath gives them.
struct SharedFlags {
  Recipe recipe;
  uint64_t seed = 42;
  int threads = 0;            // 0: as many as there are processors.
  std::string data_dir = "";  // Empty if not given.
  std::string run_dir = "";   // Likewise.
  std::string resume = "";    // Empty, "auto" or a run's folder.
  std::string init = "";      // Empty, or what LoadInto takes.
  int64_t checkpoint_every = 0;
  int64_t keep_checkpoints = 2;
  int64_t log_every = 10;
  double max_seconds = 0;
  int64_t rollbacks = 0;
  int64_t overfit = 0;
  double validation_fraction = 0;
  bool json = false;  // --log_format=json.
  bool quiet = false;
  bool profile = false;
  bool explain = false;
  bool dry_run = false;
};
absl::StatusOr<SharedFlags> GetSharedFlags();

// Gives the recipe's flags the values of `recipe`, but for those on the line.
void SetDefaults(const Recipe& recipe, const CommandLine& line = {});

// Whether a run that goes on must have the same value of this flag as before:
// so for all but those that change neither data nor weights, or only when the
// run ends.
bool DecidesResult(absl::string_view flag);

}  // namespace adjoint::train

#endif  // ADJOINT_FRAMEWORK_TRAIN_SHARED_FLAGS_H_
