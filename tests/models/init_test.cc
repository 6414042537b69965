// Programs that begin with the weights of another run.

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "framework/base/file.h"
#include "nlohmann/json.hpp"
#include "tests/models/process.h"

namespace adjoint {
namespace {

namespace fs = std::filesystem;

class Init : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(Call({"--epochs=30", "--run_dir=" + first_}), 0) << said_;
  }

  int Call(std::vector<std::string> flags,
           const std::string& program = "spirals") {
    const std::string output = root_ + ".txt";
    flags.insert(flags.begin(), absl::StrCat("models/", program, "/", program));
    const int code = Wait(Start(flags, output));
    said_ = ReadFile(output).value();
    return code;
  }

  const std::string root_ =
      NewFolder(testing::UnitTest::GetInstance()->current_test_info()->name());
  const std::string first_ = root_ + "/first", next_ = root_ + "/next";
  std::string said_;
};

TEST_F(Init, BeginsWithTheWeightsAndNotWithAllOfTheRun) {
  const std::string file = first_ + "/model.safetensors";
  // Nothing is learnt, so that the weights stay what they were.
  ASSERT_EQ(Call({"--init", file, "--epochs=1", "--learning_rate=0",
                  "--ema_decay=0.5", "--run_dir=" + next_}),
            0)
      << said_;
  const auto sha256 = Summary(first_)["weights_sha256"];
  EXPECT_EQ(Summary(next_)["weights_sha256"], sha256);
  EXPECT_EQ(Summary(next_)["steps"], 10);
  const auto config =
      nlohmann::json::parse(ReadFile(next_ + "/config.json").value());
  EXPECT_EQ(config["init_sha256"], sha256);
  EXPECT_EQ(config["flags"]["init"], file);
}

TEST_F(Init, TakesTheBestEpochOfARun) {
  ASSERT_EQ(Call({"--init=" + first_, "--epochs=1", "--learning_rate=0",
                  "--run_dir=" + next_}),
            0)
      << said_;
  const auto summary = Summary(first_);
  EXPECT_EQ(Summary(next_)["test_accuracy"], summary["best_test_accuracy"]);
}

TEST_F(Init, IsNotNeededToGoOn) {
  const std::string init = "--init=" + first_, whole = root_ + "/whole";
  const std::vector<std::string> flags = {init, "--epochs=5"};
  const auto call = [&](std::vector<std::string> more) {
    more.insert(more.end(), flags.begin(), flags.end());
    return Call(more);
  };
  ASSERT_EQ(call({"--run_dir=" + whole}), 0) << said_;
  ASSERT_EQ(call({"--run_dir=" + next_, "--max_seconds=1e-9"}), 0) << said_;
  fs::remove_all(first_);
  ASSERT_EQ(call({"--run_dir=" + next_, "--resume=auto"}), 0) << said_;
  EXPECT_EQ(Summary(next_)["weights_sha256"], Summary(whole)["weights_sha256"]);
  // But it is a part of what the run is.
  EXPECT_EQ(Call({"--resume=" + next_, "--epochs=5"}), 1);
  EXPECT_TRUE(absl::StrContains(said_, "--init was " + first_ + ", is "))
      << said_;
}

TEST_F(Init, NamesWhatDoesNotFitAndMakesNoRun) {
  for (const auto& [program, init, said] :
       {std::tuple("mnist_mlp", first_, "does not fit the model:\n"),
        {"spirals", root_ + "/nowhere", "/nowhere: No such file"},
        {"spirals", root_, " is the folder of no run"}}) {
    EXPECT_EQ(Call({"--init=" + init, "--run_dir=" + next_}, program), 1);
    EXPECT_TRUE(absl::StrContains(said_, said)) << said_;
    EXPECT_FALSE(fs::exists(next_));
  }
}

}  // namespace
}  // namespace adjoint
