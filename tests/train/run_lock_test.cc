#include "framework/train/run_lock.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <string>

#include "absl/strings/match.h"

namespace adjoint::train {
namespace {

namespace fs = std::filesystem;

TEST(RunLock, IsHeldByOneUntilItIsGone) {
  const std::string folder = testing::TempDir();
  {
    const auto lock = RunLock::Take(folder);
    ASSERT_TRUE(lock.ok()) << lock.status();
    EXPECT_EQ(RunLock::Take(folder).status(),
              absl::FailedPreconditionError(
                  folder + ": another process is in this run"));
  }
  EXPECT_TRUE(RunLock::Take(folder).ok());
}

TEST(RunLock, IsFreeAgainWhenItsProcessWasKilled) {
  const std::string folder = testing::TempDir();
  int locked[2];
  ASSERT_EQ(pipe(locked), 0);
  const pid_t child = fork();
  if (child == 0) {
    const auto lock = RunLock::Take(folder);
    if (write(locked[1], "x", 1) != 1) _exit(1);
    for (;;) pause();
  }
  char byte;
  ASSERT_EQ(read(locked[0], &byte, 1), 1);
  EXPECT_FALSE(RunLock::Take(folder).ok());
  kill(child, SIGKILL);
  ASSERT_EQ(waitpid(child, nullptr, 0), child);
  EXPECT_TRUE(RunLock::Take(folder).ok());
}

TEST(RunLock, KnowsWhetherItsFolderIsStillInItsPlace) {
  const std::string folder = testing::TempDir() + "/placed";
  fs::remove_all(folder);
  fs::create_directory(folder);
  const auto lock = RunLock::Take(folder);
  ASSERT_TRUE(lock.ok()) << lock.status();
  EXPECT_TRUE((*lock)->CheckPlace().ok());
  fs::rename(folder, folder + "-moved");
  const absl::Status gone = (*lock)->CheckPlace();
  EXPECT_TRUE(absl::IsNotFound(gone)) << gone;
  EXPECT_TRUE(absl::StartsWith(gone.message(), folder + ": ")) << gone;
  fs::create_directory(folder);
  EXPECT_TRUE(absl::IsNotFound((*lock)->CheckPlace())) << "another one";
  fs::remove(folder);
  fs::rename(folder + "-moved", folder);
  EXPECT_TRUE((*lock)->CheckPlace().ok());
}

TEST(RunLock, NeedsAFolder) {
  EXPECT_TRUE(absl::IsNotFound(RunLock::Take("nowhere").status()));
}

}  // namespace
}  // namespace adjoint::train
