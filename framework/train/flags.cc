#include "framework/train/flags.h"

#include <algorithm>
#include <limits>
#include <map>

#include "absl/flags/commandlineflag.h"
#include "absl/flags/flag.h"
#include "absl/flags/reflection.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "framework/base/file.h"
#include "framework/base/nearest.h"

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

namespace adjoint::train {
namespace {

// ", did you mean x?" for the nearest of `names`, if one is near.
std::string Suggestion(absl::string_view name,
                       absl::Span<const absl::string_view> names) {
  const absl::string_view nearest = NearestOf(name, names);
  return nearest.empty() ? "" : absl::StrCat(", did you mean ", nearest, "?");
}

// Our own flags by name; Abseil brings others.
std::map<absl::string_view, absl::CommandLineFlag*> OwnFlags() {
  std::map<absl::string_view, absl::CommandLineFlag*> own;
  for (const auto& [name, flag] : absl::GetAllFlags()) {
    const std::string file = flag->Filename();
    if (absl::StrContains(file, "absl/") || absl::StrContains(file, "abseil")) {
      continue;
    }
    own[name] = flag;
  }
  return own;
}

// Calls fn(name, flag, field) for each field of a recipe.
template <class R, class Fn>
void ForEachField(R& recipe, Fn fn) {
  fn("epochs", FLAGS_epochs, recipe.epochs);
  fn("batch_size", FLAGS_batch_size, recipe.batch_size);
  fn("optimizer", FLAGS_optimizer, recipe.optimizer);
  fn("learning_rate", FLAGS_learning_rate, recipe.learning_rate);
  fn("momentum", FLAGS_momentum, recipe.momentum);
  fn("weight_decay", FLAGS_weight_decay, recipe.weight_decay);
  fn("schedule", FLAGS_schedule, recipe.schedule);
  fn("warmup_steps", FLAGS_warmup_steps, recipe.warmup_steps);
  fn("clip_norm", FLAGS_clip_norm, recipe.clip_norm);
}

absl::Status UnknownFlag(absl::string_view name) {
  std::vector<absl::string_view> names;
  for (const auto& [known, flag] : OwnFlags()) names.push_back(known);
  return absl::InvalidArgumentError(absl::StrCat("--", name, ": no such flag",
                                                 Suggestion(name, names),
                                                 " (--help lists them)"));
}

}  // namespace

absl::StatusOr<CommandLine> ParseFlags(int argc, const char* const* argv) {
  const auto flags = OwnFlags();
  CommandLine line;
  for (int i = 1; i < argc; ++i) {
    absl::string_view argument = argv[i];
    if (argument == "--help" || argument == "-h") {
      line.help = true;
      continue;
    }
    if (!absl::StartsWith(argument, "--") || argument.size() < 3) {
      return absl::InvalidArgumentError(absl::StrCat(
          argument, ": not a flag; flags begin with -- (--help lists them)"));
    }
    argument.remove_prefix(2);
    const size_t equals = argument.find('=');
    const absl::string_view name = argument.substr(0, equals);
    const auto found = flags.find(name);
    if (found == flags.end()) return UnknownFlag(name);
    absl::CommandLineFlag& flag = *found->second;
    std::string value;
    if (equals != absl::string_view::npos) {
      value = std::string(argument.substr(equals + 1));
    } else if (flag.IsOfType<bool>()) {
      value = "true";
    } else if (++i < argc) {
      value = argv[i];
    } else {
      return absl::InvalidArgumentError(
          absl::StrCat("--", name, ": the value is missing: ", flag.Help()));
    }
    std::string error;
    if (!flag.ParseFrom(value, &error)) {
      return absl::InvalidArgumentError(
          absl::StrCat("--", name, "=", value, ": not valid: ", flag.Help()));
    }
    line.given.insert(std::string(name));
  }
  return line;
}

std::string FlagsHelp() {
  std::string text;
  for (const auto& [name, flag] : OwnFlags()) {
    const std::string value = flag->CurrentValue();
    absl::StrAppend(&text, "  --", name, "=", value.empty() ? "\"\"" : value,
                    "\n      ", flag->Help(), ".\n");
  }
  return text;
}

absl::Status CheckRange(absl::string_view flag, double value, double low,
                        double high) {
  if (value >= low && value <= high) return absl::OkStatus();
  const std::string range = high == std::numeric_limits<double>::infinity()
                                ? absl::StrCat("at least ", low)
                            : high == std::numeric_limits<double>::max()
                                ? absl::StrCat("finite and at least ", low)
                                : absl::StrCat("in [", low, ", ", high, "]");
  return absl::InvalidArgumentError(
      absl::StrCat("--", flag, "=", value, ": must be ", range));
}

absl::Status CheckChoice(absl::string_view flag, absl::string_view value,
                         absl::Span<const absl::string_view> choices) {
  if (std::find(choices.begin(), choices.end(), value) != choices.end()) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("--", flag, "=", value, ": must be one of ",
                   absl::StrJoin(choices, ", "), Suggestion(value, choices)));
}

absl::StatusOr<std::vector<int64_t>> ParseSizes(absl::string_view flag,
                                                absl::string_view value) {
  std::vector<int64_t> sizes;
  if (absl::StripAsciiWhitespace(value).empty()) return sizes;
  for (absl::string_view part : absl::StrSplit(value, ',')) {
    int64_t size;
    if (!absl::SimpleAtoi(part, &size) || size < 1 || size > 1 << 20) {
      return absl::InvalidArgumentError(
          absl::StrCat("--", flag, "=", value,
                       ": must be numbers in [1, 1048576] with commas between, "
                       "such as 128,64"));
    }
    sizes.push_back(size);
  }
  return sizes;
}

absl::StatusOr<SharedFlags> GetSharedFlags() {
  const auto user_path = [](const std::string& path) {
    return path.empty() ? path : ResolveUserPath(path);
  };
  Recipe recipe;
  ForEachField(recipe, [](absl::string_view, auto& flag, auto& field) {
    field = absl::GetFlag(flag);
  });
  const int threads = absl::GetFlag(FLAGS_threads);
  for (const absl::Status& status :
       {Check(recipe), CheckRange("threads", threads, 0, 1024)}) {
    if (!status.ok()) return status;
  }
  return SharedFlags{std::move(recipe), absl::GetFlag(FLAGS_seed), threads,
                     user_path(absl::GetFlag(FLAGS_data_dir)),
                     user_path(absl::GetFlag(FLAGS_run_dir))};
}

void SetDefaults(const Recipe& recipe, const CommandLine& line) {
  ForEachField(recipe,
               [&](absl::string_view name, auto& flag, const auto& field) {
                 if (!line.Has(name)) absl::SetFlag(&flag, field);
               });
}

}  // namespace adjoint::train
