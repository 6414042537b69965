#include "framework/train/recipe.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "framework/optim/adagrad.h"
#include "framework/optim/adam.h"
#include "framework/optim/rmsprop.h"
#include "framework/optim/sgd.h"
#include "framework/train/flags.h"

namespace adjoint::train {
namespace {

absl::Status CheckFraction(absl::string_view flag, double value) {
  if (value >= 0 && value < 1) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("--", flag, "=", value, ": must be in [0, 1)"));
}

}  // namespace

absl::Status Check(const Recipe& recipe) {
  constexpr double kNoLimit = std::numeric_limits<double>::infinity();
  constexpr double kMaxFinite = std::numeric_limits<double>::max();
  const auto real = [](int64_t n) { return static_cast<double>(n); };
  for (const absl::Status& status : {
           CheckRange("epochs", real(recipe.epochs), 1, kNoLimit),
           CheckRange("batch_size", real(recipe.batch_size), 1, kNoLimit),
           CheckChoice(
               "optimizer", recipe.optimizer,
               {"sgd", "nesterov", "adagrad", "rmsprop", "adam", "adamw"}),
           CheckRange("learning_rate", recipe.learning_rate, 0, kMaxFinite),
           CheckFraction("momentum", recipe.momentum),
           CheckRange("weight_decay", recipe.weight_decay, 0, kMaxFinite),
           CheckChoice("schedule", recipe.schedule,
                       {"constant", "linear", "cosine"}),
           CheckRange("warmup_steps", real(recipe.warmup_steps), 0, kNoLimit),
           CheckRange("clip_norm", recipe.clip_norm, 0, kMaxFinite),
           CheckRange("accumulate", real(recipe.accumulate), 1, kNoLimit),
           CheckFraction("ema_decay", recipe.ema_decay),
           CheckRange("patience", real(recipe.patience), 0, kNoLimit),
           CheckRange("skip_outliers", recipe.skip_outliers, 0, kMaxFinite),
       }) {
    if (!status.ok()) return status;
  }
  if (recipe.skip_outliers > 0 && recipe.skip_outliers <= 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        "--skip_outliers=", recipe.skip_outliers, ": must be 0 or above 1"));
  }
  if (recipe.optimizer == "nesterov" && recipe.momentum == 0) {
    return absl::InvalidArgumentError(
        "--optimizer=nesterov: needs --momentum above 0");
  }
  return absl::OkStatus();
}

std::unique_ptr<optim::Optimizer> MakeOptimizer(const Recipe& recipe) {
  const double rate = recipe.learning_rate, decay = recipe.weight_decay;
  const absl::string_view name = recipe.optimizer;
  if (name == "adagrad") {
    return std::make_unique<optim::Adagrad>(
        optim::AdagradOptions{.learning_rate = rate, .weight_decay = decay});
  }
  if (name == "rmsprop") {
    return std::make_unique<optim::Rmsprop>(
        optim::RmspropOptions{.learning_rate = rate,
                              .momentum = recipe.momentum,
                              .weight_decay = decay});
  }
  if (name == "adam" || name == "adamw") {
    return std::make_unique<optim::Adam>(
        optim::AdamOptions{.learning_rate = rate,
                           .weight_decay = decay,
                           .decoupled_weight_decay = name == "adamw"});
  }
  return std::make_unique<optim::Sgd>(
      optim::SgdOptions{.learning_rate = rate,
                        .momentum = recipe.momentum,
                        .nesterov = name == "nesterov",
                        .weight_decay = decay});
}

optim::Schedule MakeSchedule(const Recipe& recipe, int64_t batches) {
  const int64_t steps_an_epoch =
      batches / recipe.accumulate + (batches % recipe.accumulate != 0);
  const int64_t steps = recipe.epochs * steps_an_epoch;
  const int64_t warmup = std::min(recipe.warmup_steps, steps);
  optim::Schedule schedule = optim::ScheduleByName(
      recipe.schedule, std::max<int64_t>(1, steps - warmup));
  return warmup == 0 ? schedule : optim::WarmUp(warmup, schedule);
}

}  // namespace adjoint::train
