// A program whose steps are far too long, and that goes back for it.

#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "framework/base/file.h"
#include "framework/base/rng.h"
#include "tests/models/process.h"

namespace adjoint {
namespace {

// Its weights grow with each step until the loss overflows in step 41 of 50,
// unless the rate is halved.
std::vector<std::string> Command(const std::string& run_dir,
                                 const std::vector<std::string>& flags) {
  std::vector<std::string> command = {
      "models/linear_regression/linear_regression",
      "--epochs=40",
      "--optimizer=sgd",
      "--momentum=0",
      "--learning_rate=2",
      "--run_dir=" + run_dir};
  command.insert(command.end(), flags.begin(), flags.end());
  return command;
}

class Rollback : public testing::Test {
 protected:
  int Call(const std::vector<std::string>& flags) {
    const int code = Wait(Start(Command(run_, flags), output_));
    said_ = ReadFile(output_).value();
    return code;
  }

  const std::string run_ =
      NewFolder(testing::UnitTest::GetInstance()->current_test_info()->name());
  const std::string output_ = run_ + ".txt";
  std::string said_;
};

TEST_F(Rollback, ToTheBeginningHelpsInTheFirstEpoch) {
  ASSERT_EQ(Call({"--rollbacks=1"}), 0) << said_;
  EXPECT_TRUE(absl::StrContains(
      said_,
      "warning: diverged: the loss is inf in epoch 1, step 41 (batch 41 of "
      "50); back to step 0 and on at half the learning rate\n"))
      << said_;
  EXPECT_EQ(Summary(run_)["exit_reason"], "completed");
  EXPECT_EQ(Summary(run_)["rollbacks"], 1);
  EXPECT_EQ(Summary(run_)["steps"], 2000);
  EXPECT_LT(Summary(run_)["test_loss"], 0.02);
}

TEST_F(Rollback, FurtherBackHelpsWhereTheLastCheckpointLeadsThereAgain) {
  ASSERT_EQ(Call({"--rollbacks=3", "--checkpoint_every=20"}), 0) << said_;
  // Not from the weights of step 40, however short the steps.
  EXPECT_TRUE(absl::StrContains(said_, "; back to step 40 and")) << said_;
  EXPECT_TRUE(absl::StrContains(said_, "; back to step 20 and")) << said_;
  EXPECT_LT(Summary(run_)["test_loss"], 0.02);
}

TEST_F(Rollback, IsWhatTheCommandOfARunThatDivergedAsksFor) {
  ASSERT_EQ(Call({"--checkpoint_every=20"}), 1) << said_;
  const size_t at = said_.find("resume: ");
  ASSERT_NE(at, said_.npos) << said_;
  const std::string command =
      said_.substr(at + 8, said_.find('\n', at) - at - 8);
  ASSERT_EQ(std::system((command + " >/dev/null 2>&1").c_str()), 0) << command;
  EXPECT_LT(Summary(run_)["test_loss"], 0.02);
}

TEST_F(Rollback, EndsWithTheSameWeightsInARunThatIsKilled) {
  const std::vector<std::string> flags = {
      "--rollbacks=3", "--checkpoint_every=20", "--resume=auto"};
  ASSERT_EQ(Call(flags), 0) << said_;
  const std::string expected = Summary(run_)["weights_sha256"];
  const std::string killed = NewFolder("killed");
  Rng rng(1);
  for (int kills = 0; kills < 10;) {
    const pid_t child = Start(Command(killed, flags), output_);
    std::this_thread::sleep_for(
        std::chrono::microseconds(5000 + rng.NextBelow(60'000)));
    kill(child, SIGKILL);
    if (Wait(child) != 128 + SIGKILL) break;
    ++kills;
  }
  ASSERT_EQ(Wait(Start(Command(killed, flags), output_)), 0);
  EXPECT_EQ(Summary(killed)["weights_sha256"], expected);
}

}  // namespace
}  // namespace adjoint
