#include "framework/train/interrupt.h"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>

namespace adjoint::train {
namespace {

TEST(Interrupt, RemembersTheFirstSignal) {
  std::signal(SIGINT, SIG_DFL);
  const Interrupt interrupt;
  EXPECT_FALSE(interrupt.requested());
  EXPECT_EQ(interrupt.exit_code(), 0);
  std::raise(SIGINT);
  EXPECT_TRUE(interrupt.requested());
  EXPECT_EQ(interrupt.exit_code(), 130);
}

TEST(Interrupt, BeginsAnewAndTellsSigtermApart) {
  std::signal(SIGTERM, SIG_DFL);
  const Interrupt interrupt;
  EXPECT_FALSE(interrupt.requested());
  std::raise(SIGTERM);
  EXPECT_EQ(interrupt.exit_code(), 143);
}

TEST(Interrupt, EndsWellWhenTheTerminalIsGone) {
  std::signal(SIGHUP, SIG_DFL);
  const Interrupt interrupt;
  std::raise(SIGHUP);
  EXPECT_EQ(interrupt.exit_code(), 129);
}

TEST(InterruptDeathTest, EndsTheProcessAtTheSecondSignal) {
  std::signal(SIGINT, SIG_DFL);
  EXPECT_EXIT(
      {
        const Interrupt interrupt({.live = true});
        std::raise(SIGINT);
        std::raise(SIGINT);
        std::abort();
      },
      testing::ExitedWithCode(130),
      "^\r\033\\[Kfinishing this step; press Ctrl-C again to stop now\n"
      "\r\033\\[Kstopped\n$");
}

TEST(InterruptDeathTest, ClearsNoLineWhereNoneIsLive) {
  std::signal(SIGTERM, SIG_DFL);
  EXPECT_EXIT(
      {
        const Interrupt interrupt;
        std::raise(SIGTERM);
        std::raise(SIGTERM);
        std::abort();
      },
      testing::ExitedWithCode(143), "^finishing this step[^\r\033]*stopped\n$");
}

TEST(InterruptDeathTest, RestoresTheHandlersFromBefore) {
  EXPECT_EXIT(
      {
        std::signal(SIGINT, SIG_DFL);
        { const Interrupt interrupt; }
        std::raise(SIGINT);
      },
      testing::KilledBySignal(SIGINT), "");
}

TEST(Interrupt, LeavesAnIgnoredSignalIgnored) {
  const auto before = std::signal(SIGINT, SIG_IGN);
  {
    const Interrupt interrupt;
    std::raise(SIGINT);
    EXPECT_FALSE(interrupt.requested());
  }
  std::signal(SIGINT, before);
}

}  // namespace
}  // namespace adjoint::train
