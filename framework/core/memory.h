// The memory of tensors and graph nodes.
//
// A training step asks for the same sizes again and again, so freed blocks are
// kept for reuse instead of going back to the system: after the first steps a
// loop allocates nothing.
//
// Two regions. Blocks of up to 4 KiB (nodes, small tensors) come from free
// lists of the calling thread, without a lock. Larger ones come from free lists
// shared by all threads, behind a mutex, in size classes four to a doubling, so
// less than a fifth of a block is waste. AddressSanitizer reports any access to
// a freed block and beyond the bytes asked for.
#ifndef ADJOINT_FRAMEWORK_CORE_MEMORY_H_
#define ADJOINT_FRAMEWORK_CORE_MEMORY_H_

#include <cstddef>
#include <cstdint>
#include <vector>

namespace adjoint {

// Every block begins at a multiple of this: a cache line, an AVX-512 vector.
inline constexpr size_t kMemoryAlignment = 64;

// A block of at least `bytes` bytes, uninitialised. Throws std::bad_alloc when
// the system has none left.
void* AllocateMemory(size_t bytes);

// Gives a block back. `bytes` is what it was asked for with.
void FreeMemory(void* block, size_t bytes) noexcept;

struct MemoryStats {
  int64_t live = 0;    // Bytes handed out and not given back.
  int64_t peak = 0;    // The largest `live` so far, or since ResetMemoryPeak.
  int64_t cached = 0;  // Bytes kept for reuse.
  int64_t system_allocations = 0;  // How often the system was asked.
};

// Blocks over 4 KiB are counted exactly; small ones of other threads as of
// their last exchange with the shared lists. `peak` is sampled when a large
// block is handed out.
MemoryStats GetMemoryStats();
void ResetMemoryPeak();

// At most this many bytes of large blocks are kept for reuse; more go back to
// the system. 4 GiB at first. Lowering it frees at once.
void SetMemoryCacheLimit(int64_t bytes);

// A standard allocator over this memory, for what each step makes anew.
template <class T>
struct PooledAllocator {
  using value_type = T;
  PooledAllocator() = default;
  template <class U>
  PooledAllocator(const PooledAllocator<U>&) {}  // NOLINT: rebinding
  T* allocate(size_t n) {
    return static_cast<T*>(AllocateMemory(n * sizeof(T)));
  }
  void deallocate(T* p, size_t n) { FreeMemory(p, n * sizeof(T)); }
  friend bool operator==(PooledAllocator, PooledAllocator) { return true; }
};

template <class T>
using PooledVector = std::vector<T, PooledAllocator<T>>;

}  // namespace adjoint

#endif  // ADJOINT_FRAMEWORK_CORE_MEMORY_H_
