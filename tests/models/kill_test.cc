// A program that is killed at any moment loses at most what came after its last
// checkpoint.

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "framework/base/file.h"
#include "framework/base/rng.h"
#include "tests/io/read_events.h"
#include "tests/models/process.h"

namespace adjoint {
namespace {

namespace fs = std::filesystem;

// Spirals, with few epochs, into `run_dir`.
std::vector<std::string> Command(const std::string& run_dir,
                                 const std::vector<std::string>& flags) {
  std::vector<std::string> command = {"models/spirals/spirals", "--epochs=30",
                                      "--log_every=4", "--run_dir=" + run_dir};
  command.insert(command.end(), flags.begin(), flags.end());
  return command;
}

TEST(Kill, AtFiftyMomentsTheRunEndsAsIfNeverKilled) {
  const std::string whole = NewFolder("whole"), killed = NewFolder("killed");
  const std::string output = absl::StrCat(testing::TempDir(), "/output");
  ASSERT_EQ(Wait(Start(Command(whole, {}), output)), 0);
  const std::string expected = Summary(whole)["weights_sha256"];

  Rng rng(1);
  int kills = 0;
  while (kills < 50) {
    // Each time another number of threads.
    const pid_t child =
        Start(Command(killed, {"--resume=auto", "--checkpoint_every=3",
                               absl::StrCat("--threads=", 1 + kills % 3)}),
              output);
    std::this_thread::sleep_for(
        std::chrono::microseconds(2000 + rng.NextBelow(60'000)));
    kill(child, SIGKILL);
    const int code = Wait(child);
    if (code == 128 + SIGKILL) {
      ++kills;
      continue;
    }
    // Done before it could be killed: it must have ended well; once more.
    ASSERT_EQ(code, 0) << ReadFile(output).value();
    ASSERT_EQ(Summary(killed)["weights_sha256"], expected);
    fs::remove_all(killed);
  }
  ASSERT_EQ(Wait(Start(Command(killed, {"--resume=auto"}), output)), 0)
      << ReadFile(output).value();
  EXPECT_EQ(Summary(killed)["weights_sha256"], expected);
  EXPECT_EQ(Summary(killed)["steps"], Summary(whole)["steps"]);
  EXPECT_EQ(Rows(killed), Rows(whole));
  EXPECT_EQ(io::ShownScalars(killed), io::ShownScalars(whole));
  for (const auto& entry : fs::recursive_directory_iterator(killed)) {
    EXPECT_NE(entry.path().extension(), ".tmp") << entry.path();
  }
}

TEST(Interrupt, EndsTheRunWith130AndItGoesOnFromThere) {
  const std::string whole = NewFolder("uninterrupted"),
                    run = NewFolder("interrupted");
  const std::string output = absl::StrCat(testing::TempDir(), "/interrupt");
  ASSERT_EQ(Wait(Start(Command(whole, {}), output)), 0);
  // A checkpoint each step: so that it is not done before it is interrupted.
  const pid_t child = Start(Command(run, {"--checkpoint_every=1"}), output);
  // Until it trains.
  while (!fs::exists(run + "/checkpoints/best.safetensors")) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  kill(child, SIGINT);
  const int code = Wait(child);
  if (code == 0) GTEST_SKIP() << "it was done too soon";
  EXPECT_EQ(code, 130);
  EXPECT_EQ(Summary(run)["exit_reason"], "stopped");
  ASSERT_EQ(Wait(Start({"models/spirals/spirals", "--epochs=30",
                        "--log_every=4", "--resume=" + run},
                       output)),
            0)
      << ReadFile(output).value();
  EXPECT_EQ(Summary(run)["weights_sha256"], Summary(whole)["weights_sha256"]);
}

TEST(Resume, GoesOnWithARunWhoseTimeWasOver) {
  const std::string run = NewFolder("timed");
  const std::string output = absl::StrCat(testing::TempDir(), "/timed.txt");
  ASSERT_EQ(Wait(Start(Command(run, {"--max_seconds=1e-9"}), output)), 0);
  EXPECT_EQ(Summary(run)["exit_reason"], "time");
  EXPECT_EQ(Summary(run)["steps"], 1);
  ASSERT_EQ(Wait(Start(Command(run, {"--resume=auto"}), output)), 0)
      << ReadFile(output).value();
  EXPECT_EQ(Summary(run)["steps"], 300);  // 30 epochs of 300 / 30 batches.
}

TEST(Resume, NamesEachDifferenceFromTheRunBefore) {
  const std::string run = NewFolder("different");
  const std::string output = absl::StrCat(testing::TempDir(), "/different.txt");
  ASSERT_EQ(Wait(Start(Command(run, {}), output)), 0);
  EXPECT_EQ(Wait(Start(Command(run, {}), output)), 1);
  EXPECT_TRUE(absl::StrContains(ReadFile(output).value(),
                                " has a run already: --resume="));
  EXPECT_EQ(Wait(Start(Command(run, {"--resume=auto", "--seed=7",
                                     "--optimizer=sgd", "--threads=1"}),
                       output)),
            1);
  const std::string text = ReadFile(output).value();
  EXPECT_TRUE(absl::StrContains(text,
                                "\n  --optimizer was adam, is sgd"
                                "\n  --seed was 42, is 7\n"))
      << text;
}

TEST(Disk, ThatIsFullEndsTheRunAndLeavesTheLastCheckpoint) {
  const std::string run = NewFolder("full");
  const std::string output = absl::StrCat(testing::TempDir(), "/full.txt");
  // Files of more than 60 KB cannot be written: checkpoints are smaller at
  // first and grow with the epochs that they tell of.
  const auto limit = [](rlim_t bytes) {
    return [bytes] {
      signal(SIGXFSZ, SIG_IGN);
      const rlimit at_most = {bytes, bytes};
      setrlimit(RLIMIT_FSIZE, &at_most);
    };
  };
  ASSERT_EQ(Wait(Start(Command(run, {}), output, limit(60'000))), 1);
  const std::string text = ReadFile(output).value();
  EXPECT_TRUE(absl::StrContains(text, "File too large")) << text;
  EXPECT_TRUE(absl::StrContains(text, run)) << text;
  ASSERT_EQ(Wait(Start(Command(run, {"--resume=auto"}), output)), 0)
      << ReadFile(output).value();
  const std::string whole = NewFolder("not_full");
  ASSERT_EQ(Wait(Start(Command(whole, {}), output)), 0);
  EXPECT_EQ(Summary(run)["weights_sha256"], Summary(whole)["weights_sha256"]);
}

}  // namespace
}  // namespace adjoint
