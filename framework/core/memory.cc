#include "framework/core/memory.h"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <mutex>
#include <new>
#include <utility>
#include <vector>

#if __has_include(<sanitizer/asan_interface.h>)
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(block, bytes)
#define ASAN_UNPOISON_MEMORY_REGION(block, bytes)
#endif

namespace adjoint {
namespace {

constexpr size_t kSmallLimit = 4096;
constexpr int kSmallClasses = kSmallLimit / kMemoryAlignment;
constexpr size_t kSlabBytes = 64 * 1024;  // Cut up for small blocks.
constexpr int kBatch = 32;  // Blocks that move between thread and shared list.
constexpr size_t kLargeLimit = size_t{1} << 50;
constexpr int kLargeClasses = 4 * 40 + 1;  // The last holds kLargeLimit.

// A free block's first word is the link to the next: no memory beside it.
struct FreeBlock {
  FreeBlock* next;
};

// A stack of free blocks of one size. While a block lies here nobody may touch
// it, which AddressSanitizer enforces: Push poisons it, AllocateMemory undoes
// that for the bytes asked for.
struct FreeList {
  FreeBlock* head = nullptr;
  int64_t count = 0;

  void Push(void* block, size_t bytes) {
    ASAN_UNPOISON_MEMORY_REGION(block, sizeof(FreeBlock));
    FreeBlock* free = static_cast<FreeBlock*>(block);
    free->next = head;
    head = free;
    ++count;
    ASAN_POISON_MEMORY_REGION(block, bytes);
  }
  void* Pop() {
    FreeBlock* block = head;
    ASAN_UNPOISON_MEMORY_REGION(block, sizeof(FreeBlock));
    head = block->next;
    --count;
    return block;
  }
};

void* FromSystem(size_t bytes) {
  void* block = std::aligned_alloc(kMemoryAlignment, bytes);
  if (block == nullptr) throw std::bad_alloc();
  return block;
}

// What all threads share, behind one mutex. Never destroyed: tensors with
// static storage are freed after any destructor that could be written here.
struct Shared {
  std::mutex mutex;
  FreeList small[kSmallClasses];
  FreeList large[kLargeClasses];
  std::vector<void*> slabs;  // So that leak checkers see them.
  int64_t small_live = 0;
  int64_t large_live = 0;
  int64_t peak = 0;
  int64_t small_total = 0;
  int64_t large_cached = 0;
  int64_t cache_limit = int64_t{4} << 30;
  int64_t system_allocations = 0;

  void SamplePeak() { peak = std::max(peak, small_live + large_live); }

  // Gives back large blocks, the largest first, until at most `limit` bytes
  // are kept.
  void Trim(int64_t limit);
};

Shared& GetShared() {
  static Shared* shared = new Shared;
  return *shared;
}

// One thread's free lists. Trivial, so that it outlives every destructor of
// its thread.
struct ThreadLists {
  FreeList small[kSmallClasses];
  int64_t live = 0;     // Handed out less given back, not yet published.
  bool closed = false;  // The thread is ending: use the shared lists.
};
constinit thread_local ThreadLists thread_lists;

// Hands the lists to the other threads when this one ends.
struct ThreadEnd {
  ~ThreadEnd() {
    Shared& shared = GetShared();
    std::lock_guard<std::mutex> lock(shared.mutex);
    for (int c = 0; c < kSmallClasses; ++c) {
      const size_t bytes = (c + 1) * kMemoryAlignment;
      FreeList& list = thread_lists.small[c];
      while (list.count > 0) shared.small[c].Push(list.Pop(), bytes);
    }
    shared.small_live += std::exchange(thread_lists.live, 0);
    thread_lists.closed = true;
  }
};
thread_local ThreadEnd thread_end;

// A destructor runs only if its object was used. Called when a list is empty,
// as all are before a thread's first block.
void ArmThreadEnd() { static_cast<void>(&thread_end); }

// Moves blocks of class `c` to the empty `list`: what others gave back, or a
// new slab.
void Refill(int c, FreeList& list) {
  const size_t bytes = (c + 1) * kMemoryAlignment;
  Shared& shared = GetShared();
  std::lock_guard<std::mutex> lock(shared.mutex);
  shared.small_live += std::exchange(thread_lists.live, 0);
  FreeList& from = shared.small[c];
  for (int i = 0; i < kBatch && from.count > 0; ++i) {
    list.Push(from.Pop(), bytes);
  }
  if (list.count > 0) return;
  char* slab = static_cast<char*>(FromSystem(kSlabBytes));
  shared.slabs.push_back(slab);
  ++shared.system_allocations;
  const size_t blocks = kSlabBytes / bytes;
  shared.small_total += blocks * bytes;
  for (size_t i = blocks; i-- > 0;) list.Push(slab + i * bytes, bytes);
}

void* AllocateSmall(int c) {
  const size_t bytes = (c + 1) * kMemoryAlignment;
  ThreadLists& lists = thread_lists;
  FreeList& list = lists.small[c];
  if (list.count == 0) {
    ArmThreadEnd();
    Refill(c, list);
  }
  lists.live += bytes;
  return list.Pop();
}

void FreeSmall(void* block, int c) {
  const size_t bytes = (c + 1) * kMemoryAlignment;
  ThreadLists& lists = thread_lists;
  FreeList& list = lists.small[c];
  if (list.count == 0) ArmThreadEnd();
  list.Push(block, bytes);
  lists.live -= bytes;
  // A thread that frees what others allocate must not hoard it.
  if (list.count <= 2 * static_cast<int64_t>(kSlabBytes / bytes) + kBatch &&
      !lists.closed) {
    return;
  }
  Shared& shared = GetShared();
  std::lock_guard<std::mutex> lock(shared.mutex);
  shared.small_live += std::exchange(lists.live, 0);
  const int64_t keep = lists.closed ? 0 : list.count / 2;
  while (list.count > keep) shared.small[c].Push(list.Pop(), bytes);
}

// The class of large blocks of at least `bytes` > kSmallLimit bytes: class
// 4 e + q holds 2^e (4 + q) / 4 KiB.
int LargeClass(size_t bytes) {
  const size_t units = (bytes + 255) / 256;  // Of a quarter KiB.
  const unsigned e = std::bit_width(units - 1) - 3U;
  return static_cast<int>(4 * e + ((units - 1) >> e) - 4 + 1);
}

size_t LargeBytes(int c) { return (size_t{256} << (c / 4)) * (4 + c % 4); }

void Shared::Trim(int64_t limit) {
  for (int c = kLargeClasses; c-- > 0;) {
    while (large_cached > limit && large[c].count > 0) {
      void* block = large[c].Pop();
      ASAN_UNPOISON_MEMORY_REGION(block, LargeBytes(c));
      large_cached -= LargeBytes(c);
      std::free(block);
    }
  }
}

void* AllocateLarge(int c) {
  const size_t bytes = LargeBytes(c);
  Shared& shared = GetShared();
  std::lock_guard<std::mutex> lock(shared.mutex);
  void* block;
  if (shared.large[c].count > 0) {
    block = shared.large[c].Pop();
    shared.large_cached -= bytes;
  } else {
    block = std::aligned_alloc(kMemoryAlignment, bytes);
    if (block == nullptr) {
      shared.Trim(0);  // What is cached may be what is missing.
      block = FromSystem(bytes);
    }
    ASAN_POISON_MEMORY_REGION(block, bytes);
    ++shared.system_allocations;
  }
  shared.large_live += bytes;
  shared.SamplePeak();
  return block;
}

void FreeLarge(void* block, int c) {
  const size_t bytes = LargeBytes(c);
  Shared& shared = GetShared();
  std::lock_guard<std::mutex> lock(shared.mutex);
  shared.large_live -= bytes;
  shared.large[c].Push(block, bytes);
  // LeakSanitizer follows no link that is poisoned.
  ASAN_UNPOISON_MEMORY_REGION(block, sizeof(FreeBlock));
  shared.large_cached += bytes;
  if (shared.large_cached > shared.cache_limit) shared.Trim(shared.cache_limit);
}

int SmallClass(size_t bytes) {
  return bytes == 0 ? 0 : static_cast<int>((bytes - 1) / kMemoryAlignment);
}

}  // namespace

void* AllocateMemory(size_t bytes) {
  if (bytes > kLargeLimit) throw std::bad_alloc();
  void* block = bytes <= kSmallLimit ? AllocateSmall(SmallClass(bytes))
                                     : AllocateLarge(LargeClass(bytes));
  ASAN_UNPOISON_MEMORY_REGION(block, bytes);
  return block;
}

void FreeMemory(void* block, size_t bytes) noexcept {
  if (bytes <= kSmallLimit) return FreeSmall(block, SmallClass(bytes));
  FreeLarge(block, LargeClass(bytes));
}

MemoryStats GetMemoryStats() {
  Shared& shared = GetShared();
  std::lock_guard<std::mutex> lock(shared.mutex);
  shared.small_live += std::exchange(thread_lists.live, 0);
  shared.SamplePeak();
  return {
      .live = shared.small_live + shared.large_live,
      .peak = shared.peak,
      .cached = shared.small_total - shared.small_live + shared.large_cached,
      .system_allocations = shared.system_allocations};
}

void ResetMemoryPeak() {
  Shared& shared = GetShared();
  std::lock_guard<std::mutex> lock(shared.mutex);
  shared.small_live += std::exchange(thread_lists.live, 0);
  shared.peak = shared.small_live + shared.large_live;
}

void SetMemoryCacheLimit(int64_t bytes) {
  Shared& shared = GetShared();
  std::lock_guard<std::mutex> lock(shared.mutex);
  shared.cache_limit = bytes;
  shared.Trim(bytes);
}

}  // namespace adjoint
