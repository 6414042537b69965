// What a program says when it cannot go on.

#include "framework/train/train_main.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "framework/adjoint.h"
#include "framework/base/file.h"

namespace adjoint::train {
namespace {

using MadeTask = absl::StatusOr<std::unique_ptr<Task>>;
using testing::AllOf;
using testing::ExitedWithCode;
using testing::HasSubstr;
using testing::Not;

// What the program's model is in a test.
std::function<MadeTask()>& Make() {
  static auto* make = new std::function<MadeTask()>();
  return *make;
}

const bool kListed =
    List({.name = "houses",
          .doc = "Prices of houses",
          .recipe = {.epochs = 1, .batch_size = 2},
          .make = [](const TaskOptions&) { return Make()(); }});

// The process of the program with `make` and these arguments.
void Houses(std::function<MadeTask()> make, std::vector<std::string> arguments,
            const Configure& configure = nullptr) {
  Make() = std::move(make);
  arguments.insert(arguments.begin(), "houses");
  arguments.push_back("--run_dir=" + testing::TempDir() + "/houses");
  std::filesystem::remove_all(testing::TempDir() + "/houses");
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  std::exit(TrainMain(static_cast<int>(argv.size()), argv.data(), configure));
}

class TrainMainDeathTest : public testing::Test {
 protected:
  void SetUp() override { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

// Of `examples` with two inputs.
std::unique_ptr<data::Dataset> Examples(int64_t examples) {
  return std::make_unique<data::TensorDataset>(Ones({examples, 2}),
                                               Ones({examples, 1}));
}

// A model that takes `inputs` inputs.
MadeTask Regression(int64_t inputs, int64_t train = 4, int64_t test = 4) {
  Rng rng(1);
  return std::make_unique<SupervisedTask>(
      std::make_unique<nn::Linear>(inputs, 1, rng), Examples(train),
      Examples(test), MeanSquaredError);
}

TEST_F(TrainMainDeathTest, TrainsAndReturns0) {
  EXPECT_EXIT(Houses([] { return Regression(2); }, {"--quiet"}),
              ExitedWithCode(0), "");
}

TEST_F(TrainMainDeathTest, MakesEnoughStepsToLearnByHeart) {
  const std::string config = testing::TempDir() + "/houses/config.json";
  const auto make = [] { return Regression(2); };
  for (const auto& [flags, epochs] :
       {std::pair(std::vector<std::string>{"--overfit=1"}, "300"),
        {{"--overfit=2"}, "150"},
        {{"--overfit=7"}, "43"},
        {{"--overfit=1000"}, "1"},
        {{"--overfit=1", "--epochs=2"}, "2"},
        {{}, "1"}}) {
    std::vector<std::string> all = flags;
    all.push_back("--quiet");
    EXPECT_EXIT(Houses(make, all), ExitedWithCode(0), "");
    EXPECT_THAT(*ReadFile(config),
                HasSubstr(absl::StrCat("\"epochs\": \"", epochs, "\"")));
  }
}

TEST_F(TrainMainDeathTest, TellsOfMisuseInMake) {
  EXPECT_EXIT(Houses(
                  [] {
                    Mean(Zeros({0}));
                    return Regression(2);
                  },
                  {}),
              ExitedWithCode(1), HasSubstr("houses: mean: no mean of no "));
}

TEST_F(TrainMainDeathTest, TellsOfMisuseInForward) {
  EXPECT_EXIT(
      Houses([] { return Regression(3); }, {}), ExitedWithCode(1),
      AllOf(HasSubstr("houses: linear: "), Not(HasSubstr("terminate"))));
}

TEST_F(TrainMainDeathTest, TellsThatThereIsNothingToTrainOrToTestOn) {
  EXPECT_EXIT(Houses([] { return Regression(2, 4, 0); }, {}), ExitedWithCode(1),
              HasSubstr("houses: the test data has no examples\n"));
  EXPECT_EXIT(Houses([] { return Regression(2, 0, 4); }, {}), ExitedWithCode(1),
              HasSubstr("houses: the training data has no examples\n"));
  // Nor is there what could be told of them.
  EXPECT_EXIT(Houses([] { return Regression(2, 4, 0); }, {"--dry_run"}),
              ExitedWithCode(1), HasSubstr("houses: the test data has no "));
  // The test data is not asked for then.
  EXPECT_EXIT(Houses([] { return Regression(2, 4, 0); },
                     {"--validation_fraction=0.5", "--quiet"}),
              ExitedWithCode(0), "");
}

TEST_F(TrainMainDeathTest, TellsThatMemoryIsShort) {
  EXPECT_EXIT(Houses([]() -> MadeTask { throw std::bad_alloc(); }, {}),
              ExitedWithCode(1), HasSubstr("houses: out of memory\n"));
}

TEST_F(TrainMainDeathTest, RefusesAnOptimizerWhereTheProgramHasItsOwn) {
  const Configure own = [](const CommandLine&, Program& program) {
    program.make_optimizer = [](const Recipe& recipe) {
      return std::make_unique<optim::Sgd>(
          optim::SgdOptions{.learning_rate = recipe.learning_rate});
    };
    return absl::OkStatus();
  };
  const auto make = [] { return Regression(2); };
  EXPECT_EXIT(
      Houses(make, {"--optimizer=adam"}, own), ExitedWithCode(1),
      HasSubstr("houses: --optimizer: this program has one of its own"));
  EXPECT_EXIT(Houses(make, {"--quiet"}, own), ExitedWithCode(0), "");
  const std::string config = testing::TempDir() + "/houses/config.json";
  EXPECT_THAT(*ReadFile(config), HasSubstr("\"optimizer\": \"own\""));
}

TEST_F(TrainMainDeathTest, DoesNotPassOnWhatCommandsATerminal) {
  const auto refuse = [](const char* message) {
    return
        [message]() -> MadeTask { return absl::InvalidArgumentError(message); };
  };
  EXPECT_EXIT(Houses(refuse("a\033[2J\nb"), {}), ExitedWithCode(1),
              HasSubstr("houses: a\\x1b[2J\nb\n"));
  EXPECT_EXIT(Houses([]() -> MadeTask { throw ValueError("a\033[2J"); }, {}),
              ExitedWithCode(1), HasSubstr("houses: a\\x1b[2J\n"));
}

}  // namespace
}  // namespace adjoint::train
