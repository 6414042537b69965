#include "framework/core/memory.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>
#include <new>
#include <vector>

#include "tests/core/memory_block.h"

// Sanitizers end the process where the system's allocator returns null.
extern "C" const char* __asan_default_options() {
  return "allocator_may_return_null=1";
}
extern "C" const char* __tsan_default_options() {
  return "allocator_may_return_null=1";
}

namespace adjoint {
namespace {

#if defined(__SANITIZE_ADDRESS__)
constexpr bool kAddressSanitizer = true;
#elif defined(__has_feature)
constexpr bool kAddressSanitizer = __has_feature(address_sanitizer);
#else
constexpr bool kAddressSanitizer = false;
#endif

constexpr int64_t kKiB = 1024;
constexpr int64_t kMiB = 1024 * kKiB;

// The size of the block that `bytes` > 4 KiB come from: four to a doubling.
int64_t LargeBlockSize(int64_t bytes) {
  for (int64_t octave = 4 * kKiB;; octave *= 2) {
    for (int quarter = 4; quarter < 8; ++quarter) {
      if (octave / 4 * quarter >= bytes) return octave / 4 * quarter;
    }
  }
}

constexpr int64_t kUsualCacheLimit = int64_t{4} << 30;

void EmptyCache() {
  SetMemoryCacheLimit(0);
  SetMemoryCacheLimit(kUsualCacheLimit);
}

// Sizes of both regions, dense where they are small and next to all powers of
// two, spread up to 10 MB.
std::vector<size_t> Sizes() {
  std::vector<size_t> sizes;
  for (size_t bytes = 0; bytes < 700; ++bytes) sizes.push_back(bytes);
  for (size_t power = 1024; power <= 8 * kMiB; power *= 2) {
    for (size_t d = 0; d < 3; ++d) sizes.push_back(power - 1 + d);
  }
  for (double bytes = 700; bytes < 1e7; bytes *= 1.013) sizes.push_back(bytes);
  return sizes;
}

TEST(Memory, BlocksAreAligned) {
  for (const size_t bytes : Sizes()) {
    const Block block(bytes);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(block.data()) % kMemoryAlignment, 0);
  }
}

TEST(Memory, AllOfABlockMayBeWrittenAndNoOtherOverlapsIt) {
  std::vector<Block> blocks;
  for (const size_t bytes : Sizes()) {
    if (bytes > 100000) continue;
    blocks.emplace_back(bytes);
    std::memset(blocks.back().data(), blocks.size() % 251, bytes);
  }
  for (size_t i = 0; i < blocks.size(); ++i) {
    const unsigned char* data = blocks[i].data();
    EXPECT_EQ(std::count(data, data + blocks[i].bytes(), (i + 1) % 251),
              blocks[i].bytes());
  }
}

TEST(Memory, CountsLargeBlocksExactly) {
  for (const size_t bytes : Sizes()) {
    if (bytes <= 4 * kKiB) continue;
    const int64_t size = LargeBlockSize(bytes);
    Block{bytes};  // So that one is kept for reuse.
    ResetMemoryPeak();
    const MemoryStats before = GetMemoryStats();
    EXPECT_EQ(before.peak, before.live);
    {
      const Block block(bytes);
      const MemoryStats during = GetMemoryStats();
      EXPECT_EQ(during.live, before.live + size);
      EXPECT_EQ(during.cached, before.cached - size);
      const Block other(bytes);
      EXPECT_EQ(GetMemoryStats().live, before.live + 2 * size);
    }
    const MemoryStats after = GetMemoryStats();
    EXPECT_EQ(after.live, before.live);
    EXPECT_EQ(after.peak, before.live + 2 * size);
    const int64_t fresh = after.system_allocations - before.system_allocations;
    EXPECT_LE(fresh, 1);
    EXPECT_EQ(after.cached, before.cached + fresh * size);
  }
}

TEST(Memory, SeesAPeakAtWhichNobodyLooked) {
  ResetMemoryPeak();
  const int64_t before = GetMemoryStats().live;
  { const Block a(3 * kMiB), b(kMiB); }
  Block{kMiB};
  EXPECT_EQ(GetMemoryStats().peak, before + 4 * kMiB);
  ResetMemoryPeak();
  EXPECT_EQ(GetMemoryStats().peak, before);
}

TEST(Memory, CountsThisThreadsSmallBlocksToTheNext64Bytes) {
  for (size_t bytes = 1; bytes <= 4096; bytes += 13) {
    const int64_t before = GetMemoryStats().live;
    {
      const Block block(bytes);
      EXPECT_EQ(GetMemoryStats().live - before, (bytes + 63) / 64 * 64);
    }
    EXPECT_EQ(GetMemoryStats().live, before);
  }
}

TEST(Memory, WastesLessThanAFifthOfALargeBlock) {
  int64_t most = 0;
  for (int64_t bytes = 4097; bytes < 10000000; bytes += 1 + bytes / 997) {
    const int64_t before = GetMemoryStats().live;
    const Block block(bytes);
    const int64_t size = GetMemoryStats().live - before;
    ASSERT_GE(size, bytes);
    EXPECT_LT(5 * (size - bytes), size);
    EXPECT_LE(4 * (size - bytes), bytes);  // The same, of what was asked for.
    most = std::max(most, 1000 * (size - bytes) / size);
  }
  EXPECT_GE(most, 190);  // The bound is not far off.
}

TEST(Memory, ALoopOfTheSameSizesAllocatesOnlyOnce) {
  const auto step = [] {
    std::vector<Block> blocks;
    for (const size_t bytes : Sizes()) blocks.emplace_back(bytes);
  };
  step();
  const MemoryStats first = GetMemoryStats();
  for (int i = 0; i < 20; ++i) step();
  const MemoryStats last = GetMemoryStats();
  EXPECT_EQ(last.system_allocations, first.system_allocations);
  EXPECT_EQ(last.live, first.live);
  EXPECT_EQ(last.cached, first.cached);
}

TEST(Memory, HandsOutTheBlockThatWasFreedLast) {
  EmptyCache();
  for (const size_t bytes : {size_t{100}, size_t{100000}}) {
    void* const block = AllocateMemory(bytes);
    FreeMemory(block, bytes);
    EXPECT_EQ(AllocateMemory(bytes), block);
    FreeMemory(block, bytes);
  }
}

class CacheLimit : public testing::Test {
 protected:
  ~CacheLimit() override { SetMemoryCacheLimit(kUsualCacheLimit); }
};

TEST_F(CacheLimit, LoweredFreesAtOnce) {
  SetMemoryCacheLimit(0);
  const int64_t empty = GetMemoryStats().cached;
  SetMemoryCacheLimit(100 * kMiB);
  { const Block a(kMiB), b(2 * kMiB), c(5 * kKiB), d(4 * kMiB); }
  EXPECT_EQ(GetMemoryStats().cached, empty + 7 * kMiB + 5 * kKiB);
  SetMemoryCacheLimit(3 * kMiB + 5 * kKiB);  // The largest go first.
  EXPECT_EQ(GetMemoryStats().cached, empty + 3 * kMiB + 5 * kKiB);
  SetMemoryCacheLimit(3 * kMiB);
  EXPECT_EQ(GetMemoryStats().cached, empty + kMiB + 5 * kKiB);
  SetMemoryCacheLimit(0);
  EXPECT_EQ(GetMemoryStats().cached, empty);
}

TEST_F(CacheLimit, BoundsWhatIsKept) {
  SetMemoryCacheLimit(0);
  const MemoryStats before = GetMemoryStats();
  SetMemoryCacheLimit(10 * kMiB);
  {
    std::vector<Block> blocks;
    for (int i = 0; i < 40; ++i) blocks.emplace_back(kMiB);
    EXPECT_EQ(GetMemoryStats().live, before.live + 40 * kMiB);
  }
  EXPECT_EQ(GetMemoryStats().live, before.live);
  EXPECT_EQ(GetMemoryStats().cached, before.cached + 10 * kMiB);
}

TEST_F(CacheLimit, OfZeroReturnsEveryLargeBlock) {
  SetMemoryCacheLimit(0);
  const MemoryStats before = GetMemoryStats();
  for (int i = 0; i < 5; ++i) Block{kMiB};
  const MemoryStats after = GetMemoryStats();
  EXPECT_EQ(after.cached, before.cached);
  EXPECT_EQ(after.system_allocations, before.system_allocations + 5);
}

TEST(Memory, ThrowsForWhatTheSystemHasNot) {
  const MemoryStats before = GetMemoryStats();
  for (const size_t bytes :
       {size_t{1} << 49, (size_t{1} << 50) - 1, size_t{1} << 50,
        (size_t{1} << 50) + 1, std::numeric_limits<size_t>::max()}) {
    EXPECT_THROW(AllocateMemory(bytes), std::bad_alloc);
  }
  EXPECT_EQ(GetMemoryStats().live, before.live);
  EXPECT_EQ(GetMemoryStats().system_allocations, before.system_allocations);
}

TEST(Memory, ServesStandardContainers) {
  const int64_t live = GetMemoryStats().live;
  {
    std::vector<int64_t, PooledAllocator<int64_t>> numbers;
    for (int64_t i = 0; i < 10000; ++i) numbers.push_back(i);
    for (int64_t i = 0; i < 10000; ++i) ASSERT_EQ(numbers[i], i);
    EXPECT_GE(GetMemoryStats().live, live + 80000);
  }
  EXPECT_EQ(GetMemoryStats().live, live);
}

TEST(Memory, SanitizerSeesAccessBeyondTheEndAndAfterTheFree) {
  if (!kAddressSanitizer) GTEST_SKIP() << "needs --config=asan";
  for (const size_t bytes :
       {size_t{100}, size_t{3000}, size_t{4097}, size_t{100001}}) {
    const auto write = [bytes](size_t at, bool freed) {
      volatile char* const block = static_cast<char*>(AllocateMemory(bytes));
      if (freed) FreeMemory(const_cast<char*>(block), bytes);
      block[at] = 1;
      if (!freed) FreeMemory(const_cast<char*>(block), bytes);
    };
    EXPECT_DEATH(write(bytes, false), "AddressSanitizer");
    EXPECT_DEATH(write(8, true), "AddressSanitizer");
    EXPECT_DEATH(write(bytes - 1, true), "AddressSanitizer");
    write(bytes - 1, false);
  }
}

}  // namespace
}  // namespace adjoint
