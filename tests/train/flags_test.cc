#include "framework/train/flags.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <limits>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/reflection.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "framework/train/shared_flags.h"

ABSL_FLAG(bool, test_quiet, false, "Of this test alone");

namespace adjoint::train {
namespace {

absl::StatusOr<CommandLine> Parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "program");
  return ParseFlags(static_cast<int>(arguments.size()), arguments.data());
}

// What a user reads who gives `arguments`; "" if they are accepted. Leaves the
// flags as they were.
std::string MessageFor(const std::vector<const char*>& arguments) {
  absl::FlagSaver saver;
  const absl::StatusOr<CommandLine> line = Parse(arguments);
  const absl::Status status =
      line.ok() ? GetSharedFlags().status() : line.status();
  if (status.ok()) return "";
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  return std::string(status.message());
}

TEST(ParseFlags, TakesValuesInEveryForm) {
  absl::FlagSaver saver;
  const auto line = Parse({"--epochs=3", "--batch_size", "64", "--test_quiet",
                           "--learning_rate=1e-2"});
  ASSERT_TRUE(line.ok()) << line.status();
  EXPECT_EQ(line->given,
            (std::set<std::string>{"batch_size", "epochs", "learning_rate",
                                   "test_quiet"}));
  EXPECT_TRUE(line->Has("epochs"));
  EXPECT_FALSE(line->Has("seed"));
  EXPECT_FALSE(line->help);
  EXPECT_TRUE(absl::GetFlag(FLAGS_test_quiet));
  const auto flags = GetSharedFlags();
  ASSERT_TRUE(flags.ok()) << flags.status();
  EXPECT_EQ(flags->recipe.epochs, 3);
  EXPECT_EQ(flags->recipe.batch_size, 64);
  EXPECT_EQ(flags->recipe.learning_rate, 0.01);
}

TEST(ParseFlags, TellsWhenHelpIsAskedFor) {
  EXPECT_TRUE(Parse({"--help"})->help);
  EXPECT_TRUE(Parse({"-h"})->help);
  EXPECT_FALSE(Parse({})->help);
  EXPECT_TRUE(Parse({})->given.empty());
}

TEST(ParseFlags, NamesTheNearestFlagForOneThatDoesNotExist) {
  EXPECT_EQ(
      MessageFor({"--epoch=3"}),
      "--epoch: no such flag, did you mean --epochs? (--help lists them)");
  EXPECT_EQ(
      MessageFor({"--learnin_rat", "1"}),
      "--learnin_rat: no such flag, did you mean --learning_rate? (--help "
      "lists them)");
  EXPECT_EQ(MessageFor({"--qqqqqqqqqqqq=3"}),
            "--qqqqqqqqqqqq: no such flag (--help lists them)");
  EXPECT_EQ(MessageFor({"--x=1"}), "--x: no such flag (--help lists them)");
  for (const auto& [given, meant] : {std::pair("--lr=1", "--learning_rate"),
                                     {"--bs=1", "--batch_size"},
                                     {"--batch=1", "--batch_size"},
                                     {"--ema=1", "--ema_decay"}}) {
    EXPECT_TRUE(absl::StrContains(MessageFor({given}),
                                  absl::StrCat("did you mean ", meant, "?")))
        << MessageFor({given});
  }
  // Abseil's own flags are not ours.
  EXPECT_TRUE(absl::StartsWith(MessageFor({"--flagfile=x"}),
                               "--flagfile: no such flag"));
}

TEST(ParseFlags, ExplainsAValueThatIsNotOfTheFlagsType) {
  EXPECT_EQ(MessageFor({"--epochs=ten"}),
            "--epochs=ten: must be an integer: Passes over the training data; "
            "at least 1");
  for (const auto& [bad, type] :
       {std::pair("--epochs=", "an integer"),
        {"--epochs=1.5", "an integer"},
        {"--epochs=1e3", "an integer"},
        {"--epochs=99999999999999999999", "a smaller integer"},
        {"--seed=-1", "an integer"},
        {"--learning_rate=fast", "a number"},
        {"--test_quiet=maybe", "true or false"}}) {
    const std::string message = MessageFor({bad});
    EXPECT_TRUE(
        absl::StartsWith(message, absl::StrCat(bad, ": must be ", type, ": ")))
        << message;
  }
}

TEST(ParseFlags, SaysThatAValueIsMissing) {
  EXPECT_EQ(
      MessageFor({"--momentum"}),
      "--momentum: the value is missing: Of sgd, nesterov and rmsprop; in [0, "
      "1)");
  EXPECT_TRUE(absl::StartsWith(MessageFor({"--epochs", "--quiet"}),
                               "--epochs: the value is missing: "));
}

TEST(ParseFlags, TakesNothingButFlags) {
  for (const char* bad : {"epochs=3", "-epochs=3", "--", ""}) {
    EXPECT_EQ(MessageFor({bad}),
              std::string(bad) +
                  ": not a flag; flags begin with -- (--help lists them)");
  }
}

TEST(SharedFlags, AreValidByDefault) {
  const auto flags = GetSharedFlags();
  ASSERT_TRUE(flags.ok()) << flags.status();
  EXPECT_EQ(flags->recipe.epochs, 10);
  EXPECT_EQ(flags->seed, 42u);
  EXPECT_EQ(flags->run_dir, "");
}

TEST(SharedFlags, ThatAreOutOfRangeAreNamedWithTheRange) {
  EXPECT_EQ(MessageFor({"--epochs=0"}), "--epochs=0: must be at least 1");
  EXPECT_EQ(MessageFor({"--epochs", "-5"}), "--epochs=-5: must be at least 1");
  EXPECT_EQ(MessageFor({"--batch_size=0"}),
            "--batch_size=0: must be at least 1");
  EXPECT_EQ(MessageFor({"--momentum=1"}), "--momentum=1: must be in [0, 1)");
  EXPECT_EQ(MessageFor({"--threads=2000"}),
            "--threads=2000: must be in [0, 1024]");
  EXPECT_EQ(MessageFor({"--learning_rate=-1"}),
            "--learning_rate=-1: must be finite and at least 0");
  for (const char* bad : {"--learning_rate=nan", "--learning_rate=inf"}) {
    const std::string message = MessageFor({bad});
    EXPECT_TRUE(absl::StartsWith(message, bad)) << message;
  }
}

TEST(SharedFlags, ThatAreNoChoiceAreAnsweredByTheChoices) {
  EXPECT_EQ(MessageFor({"--optimizer=sdg"}),
            "--optimizer=sdg: must be one of sgd, nesterov, adagrad, rmsprop, "
            "adam, adamw, did you mean sgd?");
  EXPECT_EQ(MessageFor({"--optimizer=lbfgs_with_search"}),
            "--optimizer=lbfgs_with_search: must be one of sgd, nesterov, "
            "adagrad, rmsprop, adam, adamw");
  EXPECT_EQ(MessageFor({"--schedule=cos"}),
            "--schedule=cos: must be one of constant, linear, cosine, did you "
            "mean cosine?");
  EXPECT_EQ(MessageFor({"--optimizer=nesterov", "--momentum=0"}),
            "--optimizer=nesterov: needs --momentum above 0");
}

TEST(SharedFlags, HaveTheDefaultsOfTheRecipeWhereTheyAreNotGiven) {
  absl::FlagSaver saver;
  const auto line = Parse({"--epochs=3", "--optimizer=adam"});
  ASSERT_TRUE(line.ok()) << line.status();
  SetDefaults({.epochs = 7,
               .optimizer = "rmsprop",
               .learning_rate = 0.25,
               .clip_norm = 2},
              *line);
  const auto flags = GetSharedFlags();
  ASSERT_TRUE(flags.ok()) << flags.status();
  EXPECT_EQ(flags->recipe.epochs, 3);
  EXPECT_EQ(flags->recipe.optimizer, "adam");
  EXPECT_EQ(flags->recipe.learning_rate, 0.25);
  EXPECT_EQ(flags->recipe.clip_norm, 2);
  EXPECT_TRUE(absl::StrContains(FlagsHelp(), "  --learning_rate=0.25\n"));
}

TEST(SharedFlags, PathsAreOfTheFolderInWhichTheUserCalled) {
  absl::FlagSaver saver;
  setenv("BUILD_WORKING_DIRECTORY", "/where/the/user/is", 1);
  ASSERT_TRUE(Parse({"--run_dir=runs/a", "--data_dir=/data"}).ok());
  const auto flags = GetSharedFlags();
  unsetenv("BUILD_WORKING_DIRECTORY");
  ASSERT_TRUE(flags.ok()) << flags.status();
  EXPECT_EQ(flags->run_dir, "/where/the/user/is/runs/a");
  EXPECT_EQ(flags->data_dir, "/data");
}

TEST(FlagsHelp, ListsOurFlagsWithDefaultAndHelp) {
  const std::string help = FlagsHelp();
  EXPECT_TRUE(absl::StrContains(
      help,
      "  --epochs=10\n      Passes over the training data; at least 1.\n"))
      << help;
  EXPECT_TRUE(absl::StrContains(
      help, "  --test_quiet=false\n      Of this test alone.\n"));
  EXPECT_TRUE(absl::StrContains(help, "  --run_dir=\"\"\n"));
  EXPECT_FALSE(absl::StrContains(help, "--flagfile"));
}

TEST(CheckRange, IncludesItsBoundsAndNeverNaN) {
  EXPECT_TRUE(CheckRange("p", 0, 0, 1).ok());
  EXPECT_TRUE(CheckRange("p", 1, 0, 1).ok());
  EXPECT_EQ(CheckRange("p", 1.5, 0, 1).message(), "--p=1.5: must be in [0, 1]");
  EXPECT_EQ(CheckRange("p", std::nan(""), 0, 1).message(),
            "--p=nan: must be in [0, 1]");
  EXPECT_EQ(
      CheckRange("p", 0, 1, std::numeric_limits<double>::infinity()).message(),
      "--p=0: must be at least 1");
}

TEST(ParseSizes, ReadsNumbersWithCommasBetween) {
  EXPECT_EQ(*ParseSizes("hidden", "128,64"), (std::vector<int64_t>{128, 64}));
  EXPECT_EQ(*ParseSizes("hidden", "1"), (std::vector<int64_t>{1}));
  EXPECT_EQ(*ParseSizes("hidden", "1048576"), (std::vector<int64_t>{1 << 20}));
  EXPECT_TRUE(ParseSizes("hidden", "")->empty());
}

TEST(ParseSizes, RefusesAnythingElse) {
  for (const char* bad : {"0", "-1", "1.5", "a", "1,,2", "1,", ",", "64;32",
                          "1048577", "99999999999999999999"}) {
    const auto sizes = ParseSizes("hidden", bad);
    ASSERT_FALSE(sizes.ok()) << bad;
    EXPECT_EQ(sizes.status().message(),
              std::string("--hidden=") + bad +
                  ": must be numbers in [1, 1048576] with commas between, such "
                  "as 128,64");
  }
}

}  // namespace
}  // namespace adjoint::train
