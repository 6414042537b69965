#include "framework/data/gather_ahead.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <thread>

#include "framework/base/parallel_for.h"
#include "framework/core/tensor.h"
#include "framework/data/batches.h"

namespace adjoint::data {
namespace {

// Twelve examples. Tells which thread gathers, and throws where it is told to.
class Watched : public Dataset {
 public:
  int64_t size() const override { return 12; }
  Batch Gather(absl::Span<const int64_t> rows) const override {
    ++running;
    std::this_thread::sleep_for(std::chrono::microseconds(200));
    if (std::this_thread::get_id() != caller) ++elsewhere;
    ++gathers;
    --running;
    if (gathers == throws_at) throw std::runtime_error("the disk is gone");
    const auto n = static_cast<int64_t>(rows.size());
    return {.x = Full({n}, static_cast<double>(rows[0])), .y = Zeros({n})};
  }

  const std::thread::id caller = std::this_thread::get_id();
  int throws_at = 0;
  mutable std::atomic<int> gathers{0}, elsewhere{0}, running{0};
};

class GatherAheadTest : public testing::Test {
 protected:
  void SetUp() override { SetNumThreads(2); }
  void TearDown() override { SetNumThreads(0); }
};

TEST_F(GatherAheadTest, GivesTheBatchWhetherOrNotTheThreadCameToIt) {
  const Watched set;
  GatherAhead ahead;
  for (int64_t row = 0; row < 12; ++row) {
    ahead.Offer(set, {&row, 1}, 0);
    EXPECT_TRUE(ahead.offered());
    if (row % 2 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    EXPECT_EQ(ahead.Take().x.data<float>()[0], row);
    EXPECT_FALSE(ahead.offered());
  }
  EXPECT_EQ(set.gathers, 12);
}

TEST_F(GatherAheadTest, AnotherThreadGathersWhileABatchIsUsed) {
  const Watched set;
  for (const Batch& batch :
       Batches(set, {.size = 2, .prefetch = Prefetch::kAlways}).Epoch(0)) {
    // The next one is under way without being asked for.
    const int wanted = batch.index == 5 ? 6 : static_cast<int>(batch.index) + 2;
    while (set.gathers < wanted) std::this_thread::yield();
  }
  EXPECT_EQ(set.elsewhere, 5);
}

TEST_F(GatherAheadTest, OneThreadMeansOne) {
  SetNumThreads(1);
  const Watched set;
  for (const Batch& batch :
       Batches(set, {.size = 2, .prefetch = Prefetch::kAlways}).Epoch(0)) {
    EXPECT_EQ(set.gathers, batch.index + 1);
  }
  EXPECT_EQ(set.elsewhere, 0);
}

TEST_F(GatherAheadTest, AnEpochLeftEarlyLeavesNothingRunning) {
  for (int i = 0; i < 20; ++i) {
    const Watched set;
    for (const Batch& batch :
         Batches(set, {.size = 2, .prefetch = Prefetch::kAlways}).Epoch(0)) {
      if (i % 2 == 0)
        std::this_thread::sleep_for(std::chrono::microseconds(99));
      if (batch.index == i % 3) break;
    }
    EXPECT_EQ(set.running, 0);
  }
}

TEST_F(GatherAheadTest, AnExceptionArrivesWhereTheBatchWould) {
  Watched set;
  set.throws_at = 4;
  int64_t batches = 0;
  const auto run = [&] {
    for (const Batch& batch :
         Batches(set, {.size = 2, .prefetch = Prefetch::kAlways}).Epoch(0)) {
      batches += batch.size() / 2;
    }
  };
  EXPECT_THROW(run(), std::runtime_error);
  EXPECT_EQ(batches, 3);
}

TEST_F(GatherAheadTest, EpochsWithinEpochsDoNotWaitForEachOther) {
  const Watched outer, inner;
  const BatchesOptions options = {.size = 3, .prefetch = Prefetch::kAlways};
  int64_t examples = 0;
  for (const Batch& a : Batches(outer, options).Epoch(0)) {
    for (const Batch& b : Batches(inner, options).Epoch(0)) {
      examples += a.size() * b.size();
    }
  }
  EXPECT_EQ(examples, 144);
}

// A ParallelFor of the background does not share its chunks.
TEST(SerialScope, KeepsTheChunksOnItsThread) {
  SetNumThreads(4);
  const std::thread::id caller = std::this_thread::get_id();
  std::atomic<int> elsewhere{0};
  const auto run = [&] {
    ParallelFor(64, 1, [&](int64_t, int64_t) {
      std::this_thread::sleep_for(std::chrono::microseconds(100));
      if (std::this_thread::get_id() != caller) ++elsewhere;
    });
  };
  {
    const SerialScope serial;
    { const SerialScope again; }
    run();
  }
  EXPECT_EQ(elsewhere, 0);
  run();
  EXPECT_GT(elsewhere, 0);
  SetNumThreads(0);
}

}  // namespace
}  // namespace adjoint::data
