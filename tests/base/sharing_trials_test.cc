#include "framework/base/sharing_trials.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <vector>

namespace adjoint {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

// A machine whose jobs take what they are said to, one after the other.
class Machine {
 public:
  struct Kind {
    microseconds shared, alone;
    microseconds moved{0};  // More if alone after a shared one.
  };

  // Runs one job; whether it was shared.
  bool Run(uint32_t kind, Kind takes) {
    const auto begin = now_;
    const bool shared = trials.Shares(kind, begin);
    now_ += shared ? takes.shared : takes.alone;
    if (last_shared_ && !shared) now_ += takes.moved;
    last_shared_ = shared;
    trials.Book(kind, shared, begin, now_);
    return shared;
  }

  // Runs jobs of all kinds in turns for `time`. Returns what the last did.
  std::vector<bool> RunFor(milliseconds time, const std::vector<Kind>& kinds) {
    std::vector<bool> shared(kinds.size());
    for (const auto end = now_ + time; now_ < end;) {
      for (uint32_t kind = 0; kind < kinds.size(); ++kind) {
        shared[kind] = Run(kind, kinds[kind]);
      }
    }
    return shared;
  }

  void Pass(microseconds time) { now_ += time; }

  SharingTrials trials;

 private:
  bool last_shared_ = false;
  SharingTrials::Clock::time_point now_{std::chrono::hours(1)};
};

constexpr Machine::Kind kGains{microseconds(6), microseconds(10)};
constexpr Machine::Kind kLoses{microseconds(9), microseconds(3)};

TEST(SharingTrials, SharesWhatItDoesNotKnow) {
  Machine machine;
  EXPECT_TRUE(machine.Run(0, kLoses));
  machine.Pass(milliseconds(10));
  EXPECT_TRUE(machine.Run(0, kLoses));
  EXPECT_TRUE(machine.Run(1, kLoses));
  EXPECT_FALSE(machine.trials.Alone(0).has_value());
}

TEST(SharingTrials, SendsEachKindTheFasterWay) {
  Machine machine;
  const std::vector<bool> shared =
      machine.RunFor(milliseconds(40), {kGains, kLoses, kGains});
  EXPECT_EQ(shared, (std::vector<bool>{true, false, true}));
  EXPECT_EQ(machine.trials.Alone(0), kGains.alone);
  EXPECT_EQ(machine.trials.Alone(1), kLoses.alone);
}

// What takes less time alone where all run alone may take more where others are
// shared, which leave it what it needs in other caches.
TEST(SharingTrials, SharesWhatAmongSharedOnesTakesLongerAlone) {
  constexpr Machine::Kind kLosesMore{microseconds(9), microseconds(3),
                                     microseconds(7)};
  constexpr Machine::Kind kLosesLess{microseconds(9), microseconds(3),
                                     microseconds(5)};
  Machine machine;
  EXPECT_EQ(machine.RunFor(milliseconds(40), {kGains, kLosesMore}),
            (std::vector<bool>{true, true}));
  EXPECT_EQ(machine.RunFor(milliseconds(6000), {kGains, kLosesLess}),
            (std::vector<bool>{true, false}));
  EXPECT_EQ(machine.RunFor(milliseconds(12000), {kGains, kLosesMore}),
            (std::vector<bool>{true, true}));
  EXPECT_EQ(machine.trials.Alone(1), kLosesMore.alone);
}

TEST(SharingTrials, NoticesThatTheOtherWayHasBecomeFaster) {
  Machine machine;
  machine.RunFor(milliseconds(100), {kGains, kLoses});
  const std::vector<bool> shared =
      machine.RunFor(milliseconds(6000), {kLoses, kGains});
  EXPECT_EQ(shared, (std::vector<bool>{false, true}));
}

TEST(SharingTrials, DoesNotJudgeByWhatTheChangeOfWayCosts) {
  // The first jobs that are shared find their data elsewhere, and take so long
  // that all of the trial together would take longer than alone.
  Machine machine;
  bool last = true;
  int since = 0;
  bool shared = true;
  for (int job = 0; job < 4000; ++job) {
    const microseconds moved(since < 3 ? 300 : 0);
    shared = machine.Run(0, {microseconds(6) + moved, microseconds(10)});
    since = shared == last ? since + 1 : 0;
    last = shared;
  }
  EXPECT_TRUE(shared);
}

TEST(SharingTrials, TakeATwentiethOfTheTimeOnceTheyKnow) {
  Machine machine;
  machine.RunFor(milliseconds(40), {kGains, kLoses});
  int jobs = 0, other_way = 0;
  for (int pair = 0; pair < 1'000'000; ++pair) {
    other_way += !machine.Run(0, kGains);
    other_way += machine.Run(1, kLoses);
    jobs += 2;
  }
  EXPECT_GT(other_way, 0);
  EXPECT_LT(other_way, jobs / 20);
}

TEST(SharingTrials, FindOutAboutJobsThatTakeLongerThanATrial) {
  constexpr Machine::Kind kLong{milliseconds(30), milliseconds(20)};
  Machine machine;
  const std::vector<bool> shared = machine.RunFor(milliseconds(6000), {kLong});
  EXPECT_EQ(shared, std::vector<bool>{false});
}

}  // namespace
}  // namespace adjoint
