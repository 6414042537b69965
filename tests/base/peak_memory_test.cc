#include "framework/base/peak_memory.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <memory>

namespace adjoint {
namespace {

constexpr int64_t kSize = 64 << 20;

// As long as it lives, so much more is resident.
std::unique_ptr<char[]> TouchedBlock() {
  std::unique_ptr<char[]> block(new char[kSize]);
  std::memset(block.get(), 1, kSize);
  return block;
}

TEST(PeakMemory, IsNoMoreThanWhatGetrusageSays) {
  rusage usage;
  const int64_t peak = PeakMemoryBytes();
  ASSERT_EQ(getrusage(RUSAGE_SELF, &usage), 0);
  EXPECT_GT(peak, 0);
  // The kernel adds its counts up now and then.
  constexpr int64_t kSlack = 1 << 20;
  EXPECT_LE(peak, (int64_t{usage.ru_maxrss} << 10) + kSlack);
}

TEST(PeakMemory, GrowsByWhatIsTouchedAndStaysWhenItIsFreed) {
  const int64_t before = PeakMemoryBytes();
  {
    const auto block = TouchedBlock();
    // A part of it may have been resident before.
    EXPECT_GE(PeakMemoryBytes(), before + kSize * 3 / 4);
  }
  EXPECT_GE(PeakMemoryBytes(), before + kSize * 3 / 4);
}

// Run by the next test in a process of its own.
TEST(PeakMemory, DISABLED_OfANewProcessIsSmall) {
  EXPECT_LT(PeakMemoryBytes(), kSize);
}

TEST(PeakMemory, IsNotThatOfTheProcessThatStartedThisOne) {
  const auto block = TouchedBlock();
  const pid_t child = fork();
  if (child == 0) {
    unsetenv("TEST_PREMATURE_EXIT_FILE");  // That of this process.
    execl("/proc/self/exe", "peak_memory_test",
          "--gtest_also_run_disabled_tests",
          "--gtest_filter=*OfANewProcessIsSmall", nullptr);
    _exit(127);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace adjoint
