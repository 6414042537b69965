#include "framework/base/sharing_policy.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>

namespace adjoint {
namespace {

using std::chrono::microseconds;
using std::chrono::seconds;

constexpr int kPatience = 20;

// A machine on which a job of kind 0 gains from being shared, 8 us instead of
// 10, and one of kind 1 does not, 60 us instead of 20. A job that runs alone
// after a shared one takes `fetch` longer, and so does what comes next, which
// takes `between` longer after a shared one.
class Machine {
 public:
  Machine(microseconds fetch, microseconds between)
      : fetch_(fetch), between_(between) {}

  // The time of both jobs in turns for some seconds, as a multiple of what they
  // would take alone.
  double TimeOverAlone() {
    const auto begin = now_;
    int64_t turns = 0;
    for (; now_ - begin < seconds(10); ++turns) {
      Run(0, microseconds(8), microseconds(10));
      Run(1, microseconds(60), microseconds(20));
    }
    return (now_ - begin) / (turns * std::chrono::duration<double>(30e-6));
  }

 private:
  void Run(uint32_t kind, microseconds shared, microseconds alone) {
    const bool share = policy_.Shares(kind, now_);
    now_ += share ? shared : alone + (last_shared_ ? fetch_ : microseconds(0));
    policy_.End(now_);
    if (share) now_ += between_;
    last_shared_ = share;
  }

  const microseconds fetch_, between_;
  SharingPolicy policy_{kPatience};
  SharingPolicy::Clock::time_point now_{std::chrono::hours(1)};
  bool last_shared_ = false;
};

// Trials take a twentieth of the time, of which half is shared.
constexpr double kOfTrials = 0.06;

TEST(SharingPolicy, SharesWhatGains) {
  Machine machine(microseconds(0), microseconds(0));
  EXPECT_LT(machine.TimeOverAlone(), 28. / 30 + kOfTrials);
}

TEST(SharingPolicy, CountsWhatFollowsAJob) {
  Machine machine(microseconds(0), microseconds(10));
  EXPECT_LT(machine.TimeOverAlone(), 1 + kOfTrials);
}

TEST(SharingPolicy, CountsWhatSharedJobsCostTheOthers) {
  Machine machine(microseconds(12), microseconds(0));
  EXPECT_LT(machine.TimeOverAlone(), 1 + kOfTrials + 1. / kPatience);
}

}  // namespace
}  // namespace adjoint
