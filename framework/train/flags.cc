#include "framework/train/flags.h"

#include <algorithm>
#include <limits>
#include <map>

#include "absl/flags/commandlineflag.h"
#include "absl/flags/reflection.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "framework/base/nearest.h"

namespace adjoint::train {
namespace {

std::string DidYouMean(absl::string_view name) {
  return name.empty() ? "" : absl::StrCat(", did you mean ", name, "?");
}

// The one of `names` of which `part` is the beginning or the initials: "lr" of
// learning_rate. Empty if there is none.
absl::string_view AbbreviatedBy(absl::string_view part,
                                absl::Span<const absl::string_view> names) {
  for (absl::string_view name : names) {
    std::string initials;
    for (absl::string_view word : absl::StrSplit(name, '_')) {
      absl::StrAppend(&initials, word.substr(0, 1));
    }
    const bool begins = part.size() > 1 && absl::StartsWith(name, part);
    if (begins || (initials.size() > 1 && part == initials)) return name;
  }
  return "";
}

// The one of `names` that `name` was probably to be; empty if none.
absl::string_view Meant(absl::string_view name,
                        absl::Span<const absl::string_view> names) {
  const absl::string_view nearest = NearestOf(name, names);
  return nearest.empty() ? AbbreviatedBy(name, names) : nearest;
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

absl::Status UnknownFlag(absl::string_view name) {
  std::vector<absl::string_view> names;
  for (const auto& [known, flag] : OwnFlags()) names.push_back(known);
  const absl::string_view meant = Meant(name, names);
  return absl::InvalidArgumentError(
      absl::StrCat("--", name, ": no such flag",
                   DidYouMean(meant.empty() ? "" : absl::StrCat("--", meant)),
                   " (--help lists them)"));
}

// What a value of `flag` that cannot be read should be.
std::string TypeOf(const absl::CommandLineFlag& flag, absl::string_view value) {
  if (flag.IsOfType<bool>()) return "true or false";
  if (flag.IsOfType<double>()) return "a number";
  const bool digits =
      !value.empty() && value.find_first_not_of("0123456789") == value.npos;
  return digits ? "a smaller integer" : "an integer";
}

// `text` in lines of at most 80 columns, each behind `margin` blanks.
std::string Wrapped(absl::string_view text, size_t margin) {
  const std::string blanks(margin, ' ');
  std::string lines, line = blanks;
  for (absl::string_view word : absl::StrSplit(text, ' ')) {
    if (line.size() > margin && line.size() + 1 + word.size() > 80) {
      absl::StrAppend(&lines, line, "\n");
      line = blanks;
    }
    absl::StrAppend(&line, line.size() > margin ? " " : "", word);
  }
  return absl::StrCat(lines, line, "\n");
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
    } else if (i + 1 < argc && !absl::StartsWith(argv[i + 1], "--")) {
      value = argv[++i];
    } else {
      return absl::InvalidArgumentError(
          absl::StrCat("--", name, ": the value is missing: ", flag.Help()));
    }
    std::string error;
    if (!flag.ParseFrom(value, &error)) {
      return absl::InvalidArgumentError(
          absl::StrCat("--", name, "=", value, ": must be ",
                       TypeOf(flag, value), ": ", flag.Help()));
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
                    "\n", Wrapped(flag->Help() + ".", 6));
  }
  return text;
}

std::map<std::string, std::string> FlagValues() {
  std::map<std::string, std::string> values;
  for (const auto& [name, flag] : OwnFlags()) {
    values[std::string(name)] = flag->CurrentValue();
  }
  return values;
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
  return absl::InvalidArgumentError(absl::StrCat(
      "--", flag, "=", value, ": must be one of ", absl::StrJoin(choices, ", "),
      DidYouMean(Meant(value, choices))));
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

}  // namespace adjoint::train
