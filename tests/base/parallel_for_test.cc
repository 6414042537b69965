#include "framework/base/parallel_for.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <limits>
#include <memory>
#include <thread>
#include <vector>

// The leak checker asks this at the end of a process. A forked child has none
// of the threads whose stacks it looks for, and it may wait for them for ever.
static bool is_forked_child = false;
extern "C" int __lsan_is_turned_off() { return is_forked_child; }

namespace adjoint {
namespace {

constexpr int64_t kMax = std::numeric_limits<int64_t>::max();

class ParallelForTest : public testing::Test {
 protected:
  void TearDown() override { SetNumThreads(0); }
};

// Waits until `count` threads have called it; false if they do not come.
bool Meet(std::atomic<int>& arrived, int count) {
  const auto deadline =
      std::chrono::steady_clock::now() + std::chrono::seconds(20);
  ++arrived;
  while (arrived < count) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::yield();
  }
  return true;
}

TEST_F(ParallelForTest, EveryChunkRunsOnceWithTheSameBoundsForAnyThreads) {
  for (int threads : {1, 2, 3, 8}) {
    SetNumThreads(threads);
    for (int64_t n : {0, 1, 2, 63, 64, 65, 1000}) {
      for (int64_t grain : {int64_t{1}, int64_t{7}, int64_t{64}, kMax}) {
        SCOPED_TRACE(testing::Message()
                     << threads << " threads, n " << n << ", grain " << grain);
        std::vector<std::atomic<int>> calls(n);
        std::vector<std::atomic<int64_t>> begins(n), ends(n);
        ParallelFor(n, grain, [&](int64_t begin, int64_t end) {
          ++calls[begin];
          for (int64_t i = begin; i < end; ++i) {
            begins[i] = begin;
            ends[i] = end;
          }
        });
        for (int64_t i = 0; i < n; ++i) {
          const int64_t first = i - i % grain;
          ASSERT_EQ(calls[i], i == first ? 1 : 0) << i;
          ASSERT_EQ(begins[i], first) << i;
          ASSERT_EQ(ends[i], grain < n - first ? first + grain : n) << i;
        }
      }
    }
  }
}

TEST_F(ParallelForTest, AllThreadsShareTheWorkIncludingTheCaller) {
  for (int threads : {2, 4}) {
    SetNumThreads(threads);
    std::atomic<int> arrived{0};
    std::atomic<bool> met{true}, caller{false};
    const auto id = std::this_thread::get_id();
    ParallelFor(threads, 1, [&](int64_t, int64_t) {
      if (std::this_thread::get_id() == id) caller = true;
      if (!Meet(arrived, threads)) met = false;
    });
    EXPECT_TRUE(met);
    EXPECT_TRUE(caller);
  }
}

TEST_F(ParallelForTest, WorkersThatSleepWakeUpForTheNextCall) {
  SetNumThreads(2);
  for (int call = 0; call < 3; ++call) {
    std::atomic<int> arrived{0};
    std::atomic<bool> met{true};
    ParallelFor(2, 1, [&](int64_t, int64_t) {
      if (!Meet(arrived, 2)) met = false;
    });
    EXPECT_TRUE(met);
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

TEST_F(ParallelForTest, ReturnsOnlyWhenTheSlowestThreadIsDone) {
  const auto caller = std::this_thread::get_id();
  for (int microseconds : {0, 5, 50, 5000}) {
    SetNumThreads(2);  // A new pool: one that had to wait would not share.
    std::atomic<int> arrived{0};
    bool done = false;
    ParallelFor(2, 1, [&](int64_t, int64_t) {
      Meet(arrived, 2);
      if (std::this_thread::get_id() == caller) return;
      std::this_thread::sleep_for(std::chrono::microseconds(microseconds));
      done = true;
    });
    EXPECT_TRUE(done) << microseconds;
  }
}

TEST_F(ParallelForTest, NestedCallsRunOnTheCallingThreadAlone) {
  SetNumThreads(4);
  std::atomic<int> elsewhere{0}, calls{0};
  ParallelFor(8, 1, [&](int64_t, int64_t) {
    const auto id = std::this_thread::get_id();
    ParallelFor(8, 1, [&](int64_t, int64_t) {
      ++calls;
      if (std::this_thread::get_id() != id) ++elsewhere;
    });
  });
  EXPECT_EQ(calls, 64);
  EXPECT_EQ(elsewhere, 0);
}

TEST_F(ParallelForTest, CallsFromManyThreadsAtOnceAreAllComplete) {
  SetNumThreads(3);
  std::atomic<int> wrong{0};
  std::vector<std::thread> users;
  for (int user = 0; user < 4; ++user) {
    users.emplace_back([&wrong] {
      for (int64_t n = 1; n <= 300; ++n) {
        std::vector<int> visits(n);
        ParallelFor(n, 10, [&visits](int64_t begin, int64_t end) {
          for (int64_t i = begin; i < end; ++i) ++visits[i];
        });
        if (std::count(visits.begin(), visits.end(), 1) != n) ++wrong;
      }
    });
  }
  for (std::thread& user : users) user.join();
  EXPECT_EQ(wrong, 0);
}

TEST_F(ParallelForTest, WritesOfAllThreadsAreSeenAfterEachOfManyCalls) {
  SetNumThreads(4);
  std::vector<int64_t> values(16);
  for (int64_t call = 1; call <= 5000; ++call) {
    ParallelFor(16, 1, [&values](int64_t begin, int64_t) { ++values[begin]; });
    ASSERT_EQ(std::count(values.begin(), values.end(), call), 16);
  }
}

TEST_F(ParallelForTest, NumberOfThreadsMayChangeBetweenCalls) {
  for (int round = 0; round < 50; ++round) {
    SetNumThreads(1 + round % 5);
    EXPECT_EQ(NumThreads(), 1 + round % 5);
    std::atomic<int64_t> sum{0};
    ParallelFor(100, 3, [&sum](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) sum += i;
    });
    EXPECT_EQ(sum, 4950);
  }
}

TEST_F(ParallelForTest, LessThanOneThreadMeansAllProcessors) {
  cpu_set_t set;
  ASSERT_EQ(sched_getaffinity(0, sizeof(set), &set), 0);
  for (int n : {0, -1}) {
    SetNumThreads(5);
    SetNumThreads(n);
    EXPECT_EQ(NumThreads(), CPU_COUNT(&set));
  }
}

TEST(ParallelForDeathTest, CountsOnlyProcessorsThatTheProcessMayUse) {
  // A new process, as the number is read once.
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  const auto pin_and_count = [] {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(sched_getcpu(), &set);
    if (sched_setaffinity(0, sizeof(set), &set) != 0) std::exit(100);
    std::exit(NumThreads());
  };
  EXPECT_EXIT(pin_and_count(), testing::ExitedWithCode(1), "");
}

TEST_F(ParallelForTest, ForkedChildWorksAloneAndExits) {
  SetNumThreads(4);
  for (int round = 0; round < 3; ++round) {
    ParallelFor(8, 1, [](int64_t, int64_t) {});
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      is_forked_child = true;
      alarm(20);  // Rather than to hang.
      if (NumThreads() != 1) std::exit(2);
      SetNumThreads(1);
      std::vector<int> visits(100);
      ParallelFor(100, 1, [&](int64_t begin, int64_t) { ++visits[begin]; });
      std::exit(std::count(visits.begin(), visits.end(), 1) == 100 ? 0 : 1);
    }
    int status;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFEXITED(status));
    ASSERT_EQ(WEXITSTATUS(status), 0);
  }
}

// Destroyed after main, when workers may still sleep.
struct CallsAtExit {
  ~CallsAtExit() {
    std::atomic<int> calls{0};
    ParallelFor(10, 1, [&calls](int64_t, int64_t) { ++calls; });
    if (calls != 10) std::_Exit(1);
  }
} calls_at_exit;

TEST(ParallelForDeathTest, BrokenRequirementsEndTheProcess) {
  const auto nothing = [](int64_t, int64_t) {};
  EXPECT_DEATH(ParallelFor(-1, 1, nothing), "check failed");
  EXPECT_DEATH(ParallelFor(1, 0, nothing), "check failed");
  EXPECT_DEATH(ParallelFor(1, 1, [](int64_t, int64_t) { throw 1; }), "");
}

TEST(ParallelForDeathTest, ThreadsCannotBeSetFromInsideACall) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  const auto call = [] {
    SetNumThreads(2);
    ParallelFor(2, 1, [](int64_t, int64_t) { SetNumThreads(1); });
  };
  EXPECT_DEATH(call(), "check failed");
}

}  // namespace
}  // namespace adjoint
