#include "framework/optim/schedule.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/optim/golden.h"
#include "tests/optim/options.h"

namespace adjoint::optim {
namespace {

TEST(Schedule, GivesPyTorchsFactors) {
  for (const GoldenSchedule& golden : GoldenSchedules()) {
    for (size_t step = 0; step < golden.factors.size(); ++step) {
      EXPECT_NEAR(golden.schedule(step), golden.factors[step], 1e-13)
          << golden.name << ", step " << step;
    }
  }
}

TEST(Schedule, StaysAtItsEnd) {
  EXPECT_EQ(LinearDecay(4, 0.25)(1'000'000), 0.25);
  EXPECT_EQ(CosineDecay(4, 0.25)(1'000'000), 0.25);
  EXPECT_EQ(WarmUp(4, CosineDecay(4))(1'000'000), 0);
}

TEST(Schedule, WarmsUpEvenlyWithoutANullOrADoubledStep) {
  const Schedule schedule = WarmUp(9, LinearDecay(10));
  for (int step = 0; step <= 9; ++step) {
    EXPECT_DOUBLE_EQ(schedule(step), (step + 1) / 10.0);
    EXPECT_DOUBLE_EQ(schedule(9 + step), 1 - step / 10.0);
  }
  EXPECT_EQ(WarmUp(0, LinearDecay(10))(5), 0.5);
}

TEST(Schedule, IsFoundByName) {
  EXPECT_EQ(ScheduleByName("constant", 3)(1), 1);
  EXPECT_EQ(ScheduleByName("linear", 4)(1), 0.75);
  EXPECT_NEAR(ScheduleByName("cosine", 3)(1), 0.75, 1e-15);
  EXPECT_FALSE(ScheduleByName("step", 3));
}

TEST(Schedule, ThrowsForArgumentsOutOfRange) {
  for (int64_t bad : {-1, 0}) {
    ExpectBadOption("every", [&] { StepDecay(bad, 0.5); });
    ExpectBadOption("steps", [&] { LinearDecay(bad); });
    ExpectBadOption("steps", [&] { CosineDecay(bad); });
  }
  for (double bad : Negatives()) {
    ExpectBadOption("factor", [&] { StepDecay(1, bad); });
    ExpectBadOption("factor", [&] { ExponentialDecay(bad); });
    ExpectBadOption("end", [&] { LinearDecay(1, bad); });
    ExpectBadOption("end", [&] { CosineDecay(1, bad); });
  }
  ExpectBadOption("steps", [] { WarmUp(-1, Constant()); });
  ExpectBadOption("schedule", [] { WarmUp(1, nullptr); });
}

}  // namespace
}  // namespace adjoint::optim
