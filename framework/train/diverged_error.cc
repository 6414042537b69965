#include "framework/train/diverged_error.h"

#include <string>

#include "absl/strings/str_cat.h"

namespace adjoint::train {
namespace {

std::string Advice(Blame blame, const SharedFlags& flags) {
  const Recipe& recipe = flags.recipe;
  switch (blame) {
    case Blame::kData:
      return "mend the data or leave those examples out; no flag helps";
    case Blame::kModel:
      return "no step had changed the weights yet: look at that op, at the "
             "initial weights and at the scale of the data";
    case Blame::kTraining:
      break;
  }
  const std::string clip =
      recipe.clip_norm > 0
          ? absl::StrCat("a smaller --clip_norm than ", recipe.clip_norm)
          : "--clip_norm=1";
  const std::string back =
      flags.rollbacks > 0 ? ""
                          : ", or --rollbacks=3, which goes back to the last "
                            "checkpoint and on at half the rate";
  return absl::StrCat("try a smaller --learning_rate than ",
                      recipe.learning_rate, ", or ", clip, back);
}

}  // namespace

absl::Status DivergedError(const TrainResult& result,
                           const SharedFlags& flags) {
  return absl::AbortedError(absl::StrCat("diverged: ", result.message, "\n  ",
                                         Advice(result.blame, flags)));
}

}  // namespace adjoint::train
