// What a checkpoint says of where a training is.
#include "framework/adjoint.h"
#include "framework/train/progress_json.h"
#include "tests/fuzz/promise.h"
#include "tests/fuzz/target.h"

namespace adjoint::fuzz {

bool Fuzz(absl::string_view bytes) {
  const auto size = static_cast<int64_t>(bytes.size());
  const absl::StatusOr<train::Progress> progress =
      Within(1000 * size + (256 << 10),
             [&] { return train::ProgressFromJson(bytes); });
  if (!progress.ok()) return false;
  const std::string text = train::ToJson(*progress);
  const absl::StatusOr<train::Progress> again = train::ProgressFromJson(text);
  Require(again.ok() && train::ToJson(*again) == text,
          "what was read can be written and read again");
  return true;
}

std::vector<std::string> Seeds() {
  train::Progress progress = {.batch = 3, .step = 7, .total_seconds = 0.1};
  const std::string first = train::ToJson(progress);
  progress.rng = Rng::State{.key = ~uint64_t{0}, .position = 1};
  progress.rate_factor = 1e-300;
  progress.epochs.resize(2);
  progress.epochs[0].best = true;
  return {first, train::ToJson(progress)};
}

}  // namespace adjoint::fuzz
