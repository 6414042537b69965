#include <gtest/gtest.h>

#include <algorithm>
#include <condition_variable>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "framework/core/memory.h"
#include "tests/core/memory_block.h"

namespace adjoint {
namespace {

TEST(MemoryThreads, BlocksFreedByAnotherAreUsedAgain) {
  for (const size_t bytes : {size_t{200}, size_t{3000}, size_t{50000}}) {
    int64_t after_first = 0;
    for (int round = 0; round < 20; ++round) {
      std::vector<Block> blocks;
      for (int i = 0; i < 300; ++i) blocks.emplace_back(bytes);
      std::thread([&blocks] { blocks.clear(); }).join();
      const int64_t now = GetMemoryStats().system_allocations;
      if (round == 0) after_first = now;
      EXPECT_EQ(now, after_first) << bytes << " bytes, round " << round;
    }
  }
}

TEST(MemoryThreads, LeaveNothingBehindWhenTheyEnd) {
  const auto work = [] {
    std::vector<Block> blocks;
    for (size_t bytes = 1; bytes < 20000; bytes += 97) {
      blocks.emplace_back(bytes);
    }
  };
  std::thread(work).join();
  const MemoryStats first = GetMemoryStats();
  for (int i = 0; i < 50; ++i) std::thread(work).join();
  const MemoryStats last = GetMemoryStats();
  EXPECT_EQ(last.system_allocations, first.system_allocations);
  EXPECT_EQ(last.live, first.live);
  EXPECT_EQ(last.cached, first.cached);
}

TEST(MemoryThreads, BlocksFreedLateInTheirEndAreUsedAgain) {
  int64_t after_first = 0;
  for (int round = 0; round < 20; ++round) {
    std::thread([] {
      // Made before the thread's first block, so destroyed after all that the
      // first block makes.
      thread_local std::vector<Block> blocks;
      for (int i = 0; i < 350; ++i) blocks.emplace_back(3000);
    }).join();
    const int64_t now = GetMemoryStats().system_allocations;
    if (round == 0) after_first = now;
    EXPECT_EQ(now, after_first) << "round " << round;
  }
}

TEST(MemoryThreads, ThatProduceAndConsumeDoNotGrow) {
  constexpr size_t kBytes = 64;
  constexpr int kInFlight = 64;
  constexpr int kItems = 200000;
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<void*> queue;
  const int64_t before = GetMemoryStats().system_allocations;
  std::thread consumer([&] {
    for (int got = 0; got < kItems;) {
      std::unique_lock<std::mutex> lock(mutex);
      changed.wait(lock, [&queue] { return !queue.empty(); });
      const std::vector<void*> blocks = std::exchange(queue, {});
      lock.unlock();
      changed.notify_one();
      for (void* block : blocks) FreeMemory(block, kBytes);
      got += blocks.size();
    }
  });
  for (int i = 0; i < kItems; ++i) {
    void* const block = AllocateMemory(kBytes);
    std::memset(block, i, kBytes);
    std::unique_lock<std::mutex> lock(mutex);
    changed.wait(lock, [&queue] { return queue.size() < kInFlight; });
    queue.push_back(block);
    lock.unlock();
    changed.notify_one();
  }
  consumer.join();
  // A slab is 1,024 such blocks. The consumer keeps about two of them.
  EXPECT_LE(GetMemoryStats().system_allocations - before, 4);
}

TEST(MemoryThreads, NeverHoldTheSameBlock) {
  const int64_t live = GetMemoryStats().live;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([t] {
      std::vector<Block> blocks;
      for (int i = 0; i < 3000; ++i) {
        const size_t bytes = (i * 7919 + t) % 12000;
        blocks.emplace_back(bytes);
        std::memset(blocks.back().data(), t, bytes);
        if (blocks.size() == 50) {
          for (const Block& block : blocks) {
            ASSERT_EQ(std::count(block.data(), block.data() + block.bytes(), t),
                      block.bytes());
          }
          blocks.clear();
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(GetMemoryStats().live, live);
}

}  // namespace
}  // namespace adjoint
