#include "framework/train/run_lock.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <string>

namespace adjoint::train {
namespace {

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

TEST(RunLock, NeedsAFolder) {
  EXPECT_TRUE(absl::IsNotFound(RunLock::Take("nowhere").status()));
}

}  // namespace
}  // namespace adjoint::train
