#include "framework/base/sharing_budget.h"

#include <gtest/gtest.h>

#include <chrono>

namespace adjoint {
namespace {

using std::chrono::microseconds;

// A time of the clock that the budget goes by.
SharingBudget::Clock::time_point At(int64_t us) {
  return SharingBudget::Clock::time_point(microseconds(us));
}

TEST(SharingBudget, AllowsSharingUntilItHasLostTooMuch) {
  SharingBudget budget(/*patience=*/20);
  EXPECT_TRUE(budget.Allows(At(0)));
  budget.Book(At(10), microseconds(5));
  budget.Book(At(500), microseconds(-255));
  EXPECT_TRUE(budget.Allows(At(500)));
  budget.Book(At(600), microseconds(-1));
  EXPECT_FALSE(budget.Allows(At(600)));
}

TEST(SharingBudget, WaitsForALossTimesThePatience) {
  SharingBudget budget(/*patience=*/20);
  budget.Book(At(1000), microseconds(-300));
  EXPECT_FALSE(budget.Allows(At(1000)));
  EXPECT_FALSE(budget.Allows(At(6999)));
  EXPECT_TRUE(budget.Allows(At(7000)));
}

TEST(SharingBudget, CountsALossOnce) {
  SharingBudget budget(/*patience=*/10);
  budget.Book(At(0), microseconds(-300));
  budget.Book(At(3000), microseconds(-250));
  EXPECT_TRUE(budget.Allows(At(3000)));
}

TEST(SharingBudget, GainsMakeUpForALaterLossButNotForALongOne) {
  SharingBudget budget(/*patience=*/20);
  budget.Book(At(0), microseconds(700));
  budget.Book(At(100), microseconds(-900));
  EXPECT_TRUE(budget.Allows(At(100)));
  budget.Book(At(200), microseconds(1'000'000));
  budget.Book(At(20'000), microseconds(-13'000));
  // Of the million no more than 10'000 was left.
  EXPECT_FALSE(budget.Allows(At(20'000 + 20 * 3000 - 1)));
  EXPECT_TRUE(budget.Allows(At(20'000 + 20 * 3000)));
}

// However the losses fall, they are at most one part in twenty of the time.
TEST(SharingBudget, LosesAtMostItsShareOfTheTime) {
  SharingBudget budget(/*patience=*/20);
  int64_t now = 0, lost = 0;
  for (int64_t job = 0; job < 10'000; ++job) {
    now += 7;  // What the job takes alone.
    if (!budget.Allows(At(now))) continue;
    const int64_t loss = 1 + job * job % 97;
    now += loss;
    lost += loss;
    budget.Book(At(now), microseconds(-loss));
  }
  EXPECT_GT(lost, 0);
  EXPECT_LE(20 * lost, now + 20 * (250 + 97));
}

TEST(SharingBudget, WithoutPatienceAlwaysAllows) {
  SharingBudget budget(/*patience=*/0);
  budget.Book(At(1000), microseconds(-5000));
  EXPECT_TRUE(budget.Allows(At(1000)));
}

}  // namespace
}  // namespace adjoint
