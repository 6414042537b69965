// Runs whose folder something happens to while they go on.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <thread>

#include "absl/strings/match.h"
#include "framework/base/file.h"
#include "tests/models/process.h"

namespace adjoint {
namespace {

namespace fs = std::filesystem;

class LostFolder : public testing::Test {
 protected:
  void SetUp() override {
    root_ = NewFolder(
        testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::create_directories(root_);
    run_ = root_ + "/run";
  }

  // What the program returns of which `happens` befalls the folder once it has
  // a checkpoint; `said_` is all that it says. It ends by itself should it not
  // notice.
  int Lose(const std::function<void()>& happens) {
    const std::string output = root_ + "/output";
    const pid_t child =
        Start({"models/spirals/spirals", "--run_dir=" + run_,
               "--epochs=1000000", "--checkpoint_every=1", "--max_seconds=20"},
              output);
    while (!fs::exists(run_ + "/checkpoints/best.safetensors")) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    happens();
    const int code = Wait(child);
    said_ = ReadFile(output).value();
    return code;
  }

  void ExpectToSay(const std::string& text) {
    EXPECT_TRUE(absl::StrContains(said_, text)) << said_;
  }
  void ExpectGone() {
    ExpectToSay("spirals: " + run_ + ": the run's folder is gone");
    // Nor does it name what it could not write.
    EXPECT_FALSE(absl::StrContains(said_, "summary.json")) << said_;
  }
  void ExpectToGoOn(const std::string& run) {
    const std::string output = root_ + "/output";
    EXPECT_EQ(Wait(Start({"models/spirals/spirals", "--resume=" + run,
                          "--epochs=1000000", "--max_seconds=1e-9"},
                         output)),
              0)
        << ReadFile(output).value();
  }

  std::string root_, run_, said_;
};

TEST_F(LostFolder, ThatIsRemovedEndsTheRun) {
  // At once, where fs::remove_all alone would race with the run's own files.
  const std::string bin = root_ + "/bin";
  EXPECT_EQ(Lose([&] {
              fs::rename(run_, bin);
              fs::remove_all(bin);
            }),
            1);
  ExpectGone();
}

TEST_F(LostFolder, ThatIsRenamedEndsTheRunWhichCanGoOnThere) {
  const std::string other = root_ + "/other";
  EXPECT_EQ(Lose([&] { fs::rename(run_, other); }), 1);
  ExpectGone();
  ExpectToGoOn(other);
}

TEST_F(LostFolder, ThatIsReplacedEndsTheRun) {
  // At once, or the run could make a folder in between.
  const auto exchange_for = [this](const std::string& other) {
    EXPECT_EQ(renameat2(AT_FDCWD, run_.c_str(), AT_FDCWD, other.c_str(),
                        RENAME_EXCHANGE),
              0);
  };
  const std::string file = root_ + "/file", folder = root_ + "/folder";
  std::ofstream(file) << "precious";
  EXPECT_EQ(Lose([&] { exchange_for(file); }), 1);
  ExpectGone();
  EXPECT_EQ(ReadFile(run_).value(), "precious");
  fs::remove(run_);

  fs::create_directory(folder);
  EXPECT_EQ(Lose([&] { exchange_for(folder); }), 1);
  ExpectGone();
}

TEST_F(LostFolder, ThatMayNoLongerBeWrittenEndsTheRunWhichCanGoOn) {
  if (geteuid() == 0) GTEST_SKIP() << "root may write everywhere";
  const std::string checkpoints = run_ + "/checkpoints";
  EXPECT_EQ(Lose([&] { fs::permissions(checkpoints, fs::perms(0555)); }), 1);
  ExpectToSay("spirals: cannot ");
  ExpectToSay(" " + checkpoints + "/");
  ExpectToSay(": Permission denied");
  fs::permissions(checkpoints, fs::perms(0755));
  ExpectToGoOn(run_);
}

}  // namespace
}  // namespace adjoint
