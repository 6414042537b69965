// Whose memory batches take, and that it does not matter who gathers them.

#include <gtest/gtest.h>

#include <cstdint>
#include <numeric>
#include <set>
#include <vector>

#include "framework/base/parallel_for.h"
#include "framework/core/memory.h"
#include "framework/core/tensor.h"
#include "framework/data/batches.h"
#include "framework/data/subset.h"
#include "tests/data/batch_rows.h"

namespace adjoint::data {
namespace {

TEST(Batches, TakesItsMemoryFromThePoolInTheSteadyState) {
  // Batches of 128 KiB, and a smaller last one.
  const TensorDataset set(Zeros({1000, 256}), Zeros({1000}));
  const Batches batches(set, {.size = 128, .prefetch = Prefetch::kNever});
  const auto run = [&](int64_t epoch) {
    for (const Batch& batch : batches.Epoch(epoch)) ASSERT_GT(batch.size(), 0);
  };
  const MemoryStats cold = GetMemoryStats();
  run(0);
  const MemoryStats warm = GetMemoryStats();
  EXPECT_GT(warm.system_allocations, cold.system_allocations);
  ResetMemoryPeak();
  for (int64_t epoch = 1; epoch < 5; ++epoch) run(epoch);
  EXPECT_EQ(GetMemoryStats().system_allocations, warm.system_allocations);
  EXPECT_EQ(GetMemoryStats().live, cold.live);
  // One batch is in memory at a time, not two.
  EXPECT_LT(GetMemoryStats().peak - cold.live, 2 * 128 * 1024);
}

TEST(Batches, TakeTurnsInTheMemoryOfAsManyAsAreNeeded) {
  const TensorDataset all(Zeros({1000, 256}), Zeros({1000}));
  std::vector<int64_t> rows(900);
  std::iota(rows.begin(), rows.end(), 100);
  const Subset set(all, rows);
  SetNumThreads(2);
  for (Prefetch prefetch :
       {Prefetch::kNever, Prefetch::kAuto, Prefetch::kAlways}) {
    std::set<const void*> places;
    for (const Batch& batch :
         Batches(set, {.size = 100, .prefetch = prefetch}).Epoch(0)) {
      places.insert(batch.x.data<float>().data());
    }
    EXPECT_EQ(places.size(), prefetch == Prefetch::kNever ? 1u : 2u);
  }
  SetNumThreads(0);
}

TEST(Batches, AreTheSameWhoeverGathersThem) {
  const TensorDataset set = Numbers(1003);
  for (int threads : {1, 4}) {
    SetNumThreads(threads);
    const auto rows = [&](Prefetch prefetch, int64_t first) {
      return Rows(Batches(set, {.size = 10, .seed = 1, .prefetch = prefetch})
                      .Epoch(3, first),
                  first);
    };
    EXPECT_EQ(rows(Prefetch::kAlways, 0), rows(Prefetch::kNever, 0));
    EXPECT_EQ(rows(Prefetch::kAlways, 57), rows(Prefetch::kNever, 57));
    EXPECT_EQ(rows(Prefetch::kAuto, 0), rows(Prefetch::kNever, 0));
  }
  SetNumThreads(0);
}

TEST(Batches, GatheredAheadTakeTheirMemoryFromThePool) {
  SetNumThreads(2);
  const TensorDataset set(Zeros({1000, 256}), Zeros({1000}));
  const Batches batches(set, {.size = 100, .prefetch = Prefetch::kAlways});
  const int64_t live = GetMemoryStats().live;
  const auto run = [&](int64_t epoch) {
    for (const Batch& batch : batches.Epoch(epoch))
      ASSERT_EQ(batch.size(), 100);
  };
  for (int64_t epoch = 0; epoch < 3; ++epoch) run(epoch);
  const MemoryStats warm = GetMemoryStats();
  for (int64_t epoch = 3; epoch < 20; ++epoch) run(epoch);
  EXPECT_LE(GetMemoryStats().system_allocations, warm.system_allocations + 2);
  EXPECT_NEAR(GetMemoryStats().live, live, 4096 * 64);
  SetNumThreads(0);
}

}  // namespace
}  // namespace adjoint::data
