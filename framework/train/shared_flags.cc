#include "framework/train/shared_flags.h"

#include <limits>
#include <set>
#include <utility>

#include "absl/flags/flag.h"
#include "absl/flags/reflection.h"
#include "absl/strings/string_view.h"
#include "framework/base/file.h"

using adjoint::train::Recipe;

ABSL_FLAG(int64_t, epochs, Recipe().epochs,
          "Passes over the training data; at least 1");
ABSL_FLAG(int64_t, batch_size, Recipe().batch_size,
          "Examples a step; at least 1");
ABSL_FLAG(std::string, optimizer, Recipe().optimizer,
          "One of sgd, nesterov, adagrad, rmsprop, adam, adamw");
ABSL_FLAG(double, learning_rate, Recipe().learning_rate,
          "The step size; a number >= 0");
ABSL_FLAG(double, momentum, Recipe().momentum,
          "Of sgd, nesterov and rmsprop; in [0, 1)");
ABSL_FLAG(double, weight_decay, Recipe().weight_decay,
          "Added to the gradient, or with adamw taken from the weights; a "
          "number >= 0");
ABSL_FLAG(std::string, schedule, Recipe().schedule,
          "How the learning rate changes over the run; one of constant, linear "
          "and cosine, the last two falling to 0");
ABSL_FLAG(int64_t, warmup_steps, Recipe().warmup_steps,
          "Steps in which the learning rate first rises; at least 0");
ABSL_FLAG(double, clip_norm, Recipe().clip_norm,
          "The largest norm of the gradients, which are scaled down to it; a "
          "number >= 0, and 0 for any");
ABSL_FLAG(int64_t, accumulate, Recipe().accumulate,
          "Batches a step learns from, as if they were one; at least 1");
ABSL_FLAG(double, ema_decay, Recipe().ema_decay,
          "How much of an average of the weights each step keeps, which is "
          "evaluated and saved in their place; in [0, 1), and 0 for none");
ABSL_FLAG(int64_t, patience, Recipe().patience,
          "Ends after so many epochs that were not the best; at least 0, and 0 "
          "for never");
ABSL_FLAG(double, skip_outliers, Recipe().skip_outliers,
          "Leaves out steps whose gradient's norm is so many times the mean of "
          "those before; a number > 1, or 0 for none");
ABSL_FLAG(uint64_t, seed, 42,
          "Of all randomness: weights and the order of examples; an integer "
          ">= 0");
ABSL_FLAG(int, threads, 0,
          "Threads, which change the speed and not the result; 0 means one a "
          "processor");
ABSL_FLAG(std::string, data_dir, "",
          "The folder of the data; by default the program's own");
ABSL_FLAG(std::string, run_dir, "",
          "The folder for what the run leaves behind; by default a new one "
          "under runs");
ABSL_FLAG(std::string, resume, "",
          "Goes on with the run in this folder; or auto, which goes on in "
          "--run_dir if a run was stopped there and begins one if not");
ABSL_FLAG(std::string, init, "",
          "The weights to begin with, in place of random ones: a safetensors "
          "file with all of the model's, or the folder of a run, of which it "
          "takes the best epoch's");
ABSL_FLAG(int64_t, checkpoint_every, 0,
          "Steps between two checkpoints; at least 0, and 0 for one at the end "
          "of each epoch that is the best, the last or a second later");
ABSL_FLAG(int64_t, keep_checkpoints, 2,
          "The last checkpoints that stay, besides the best; at least 1");
ABSL_FLAG(int64_t, log_every, 10,
          "Steps between two that are logged; at least 1");
ABSL_FLAG(double, max_seconds, 0,
          "Ends after so many seconds of training; a number >= 0, and 0 for "
          "never");
ABSL_FLAG(int64_t, rollbacks, 0,
          "How often a run that diverges goes back to its last checkpoint, or "
          "to the one before if it did so last time, and on at half the "
          "learning rate; at least 0");
ABSL_FLAG(int64_t, overfit, 0,
          "Trains and tests on the examples of so many batches alone, which a "
          "model that can learn learns by heart, in 300 steps at least if "
          "--epochs is not given; at least 0, and 0 for all data");
ABSL_FLAG(double, validation_fraction, 0,
          "Holds so much of the training data out and tests on that, to choose "
          "a recipe without the test data; in [0, 0.9], and 0 for none");
ABSL_FLAG(std::string, log_format, "text",
          "What is printed: one of text and json, a line an object");
ABSL_FLAG(bool, quiet, false, "Prints results, and no progress");
ABSL_FLAG(bool, profile, false,
          "Prints where the time went, by op and by module, and leaves a "
          "trace.json in the run's folder for ui.perfetto.dev");
ABSL_FLAG(bool, explain, false, "Prints one step, op by op, and ends");
ABSL_FLAG(bool, dry_run, false,
          "Prints the layers and the memory that a step takes, and ends");

namespace adjoint::train {
namespace {

// Calls fn(flag, field) for each field of a recipe.
template <class R, class Fn>
void ForEachField(R& recipe, Fn fn) {
  fn(FLAGS_epochs, recipe.epochs);
  fn(FLAGS_batch_size, recipe.batch_size);
  fn(FLAGS_optimizer, recipe.optimizer);
  fn(FLAGS_learning_rate, recipe.learning_rate);
  fn(FLAGS_momentum, recipe.momentum);
  fn(FLAGS_weight_decay, recipe.weight_decay);
  fn(FLAGS_schedule, recipe.schedule);
  fn(FLAGS_warmup_steps, recipe.warmup_steps);
  fn(FLAGS_clip_norm, recipe.clip_norm);
  fn(FLAGS_accumulate, recipe.accumulate);
  fn(FLAGS_ema_decay, recipe.ema_decay);
  fn(FLAGS_patience, recipe.patience);
  fn(FLAGS_skip_outliers, recipe.skip_outliers);
}

std::string UserPath(const std::string& path) {
  return path.empty() ? path : ResolveUserPath(path);
}

}  // namespace

absl::StatusOr<SharedFlags> GetSharedFlags() {
  constexpr double kNoLimit = std::numeric_limits<double>::infinity();
  SharedFlags flags;
  ForEachField(flags.recipe, [](const auto& flag, auto& field) {
    field = absl::GetFlag(flag);
  });
  flags.seed = absl::GetFlag(FLAGS_seed);
  flags.threads = absl::GetFlag(FLAGS_threads);
  flags.data_dir = UserPath(absl::GetFlag(FLAGS_data_dir));
  flags.run_dir = UserPath(absl::GetFlag(FLAGS_run_dir));
  flags.resume = absl::GetFlag(FLAGS_resume);
  flags.init = UserPath(absl::GetFlag(FLAGS_init));
  flags.checkpoint_every = absl::GetFlag(FLAGS_checkpoint_every);
  flags.keep_checkpoints = absl::GetFlag(FLAGS_keep_checkpoints);
  flags.log_every = absl::GetFlag(FLAGS_log_every);
  flags.max_seconds = absl::GetFlag(FLAGS_max_seconds);
  flags.rollbacks = absl::GetFlag(FLAGS_rollbacks);
  flags.overfit = absl::GetFlag(FLAGS_overfit);
  flags.validation_fraction = absl::GetFlag(FLAGS_validation_fraction);
  const std::string format = absl::GetFlag(FLAGS_log_format);
  flags.json = format == "json";
  flags.quiet = absl::GetFlag(FLAGS_quiet);
  flags.profile = absl::GetFlag(FLAGS_profile);
  flags.explain = absl::GetFlag(FLAGS_explain);
  flags.dry_run = absl::GetFlag(FLAGS_dry_run);
  const auto at_least = [](absl::string_view flag, int64_t value, int least) {
    return CheckRange(flag, static_cast<double>(value), least, kNoLimit);
  };
  for (const absl::Status& status :
       {Check(flags.recipe), CheckRange("threads", flags.threads, 0, 1024),
        at_least("checkpoint_every", flags.checkpoint_every, 0),
        at_least("keep_checkpoints", flags.keep_checkpoints, 1),
        at_least("log_every", flags.log_every, 1),
        CheckRange("max_seconds", flags.max_seconds, 0, kNoLimit),
        at_least("rollbacks", flags.rollbacks, 0),
        at_least("overfit", flags.overfit, 0),
        CheckRange("validation_fraction", flags.validation_fraction, 0, 0.9),
        CheckChoice("log_format", format, {"text", "json"})}) {
    if (!status.ok()) return status;
  }
  if (flags.resume == "auto" && flags.run_dir.empty()) {
    return absl::InvalidArgumentError(
        "--resume=auto: needs a --run_dir, where the run was or will be");
  }
  if (!flags.resume.empty() && flags.resume != "auto") {
    flags.resume = UserPath(flags.resume);
    if (!flags.run_dir.empty() && flags.run_dir != flags.resume) {
      return absl::InvalidArgumentError(
          "--run_dir: a run that is resumed stays in its own folder");
    }
    flags.run_dir = flags.resume;
  }
  return flags;
}

void SetDefaults(const Recipe& recipe, const CommandLine& line) {
  ForEachField(recipe, [&](auto& flag, const auto& field) {
    const absl::string_view name = absl::GetFlagReflectionHandle(flag).Name();
    if (!line.Has(name)) absl::SetFlag(&flag, field);
  });
}

bool DecidesResult(absl::string_view flag) {
  static const auto* others = new std::set<absl::string_view>{
      "threads",   "data_dir",         "run_dir",          "resume",
      "log_every", "checkpoint_every", "keep_checkpoints", "max_seconds",
      "quiet",     "log_format",       "profile",          "explain",
      "dry_run",   "patience",         "rollbacks"};
  return others->count(flag) == 0;
}

}  // namespace adjoint::train
