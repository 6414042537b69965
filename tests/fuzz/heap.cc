// Stands in for malloc and its kin or, where a sanitizer does so already, asks
// to be told of every block.
#include "tests/fuzz/heap.h"

#if defined(__linux__)
#include <malloc.h>
#endif

#include <atomic>
#include <cerrno>
#include <cstddef>

#include "framework/core/memory.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define ADJOINT_HAS_SANITIZER 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define ADJOINT_HAS_SANITIZER 1
#endif

namespace {

std::atomic<int64_t> live{0}, peak{0};

void Add(int64_t bytes) {
  const int64_t now = live += bytes;
  int64_t most = peak;
  while (now > most && !peak.compare_exchange_weak(most, now)) {
  }
}

}  // namespace

#ifdef ADJOINT_HAS_SANITIZER

extern "C" {
size_t __sanitizer_get_allocated_size(const volatile void*);  // NOLINT
int __sanitizer_install_malloc_and_free_hooks(                // NOLINT
    void (*)(const volatile void*, size_t), void (*)(const volatile void*));
}

namespace {

void Added(const volatile void* /*block*/, size_t bytes) {
  Add(static_cast<int64_t>(bytes));
}

void Freed(const volatile void* block) {
  if (block == nullptr) return;
  Add(-static_cast<int64_t>(__sanitizer_get_allocated_size(block)));
}

const int kHooked = __sanitizer_install_malloc_and_free_hooks(Added, Freed);

}  // namespace

#elif defined(__GLIBC__)

// What the linker finds here it takes instead of the C library's, for the
// shared libraries too; these are the library's own names for the same.
extern "C" {

void* __libc_malloc(size_t bytes);                      // NOLINT
void* __libc_calloc(size_t count, size_t bytes);        // NOLINT
void* __libc_realloc(void* block, size_t bytes);        // NOLINT
void* __libc_memalign(size_t alignment, size_t bytes);  // NOLINT
void __libc_free(void* block);                          // NOLINT

static int64_t SizeOf(void* block) {
  return static_cast<int64_t>(malloc_usable_size(block));
}

static void* Counted(void* block) {
  Add(SizeOf(block));
  return block;
}

void* malloc(size_t bytes) { return Counted(__libc_malloc(bytes)); }

void* calloc(size_t count, size_t bytes) {
  return Counted(__libc_calloc(count, bytes));
}

void* realloc(void* block, size_t bytes) {
  Add(-SizeOf(block));
  return Counted(__libc_realloc(block, bytes));
}

void* aligned_alloc(size_t alignment, size_t bytes) {
  return Counted(__libc_memalign(alignment, bytes));
}

void* memalign(size_t alignment, size_t bytes) {
  return Counted(__libc_memalign(alignment, bytes));
}

int posix_memalign(void** block, size_t alignment, size_t bytes) {
  *block = Counted(__libc_memalign(alignment, bytes));
  return *block == nullptr ? ENOMEM : 0;
}

void free(void* block) {
  Add(-SizeOf(block));
  __libc_free(block);
}

}  // extern "C"

#endif

namespace adjoint::fuzz {

#if defined(ADJOINT_HAS_SANITIZER) || defined(__GLIBC__)
const bool kHeapIsSeen = true;
#else
const bool kHeapIsSeen = false;
#endif

int64_t ResetHeapPeak() {
  // Small blocks are cut from larger ones: one of each size is there now.
  [[maybe_unused]] static const bool filled = [] {
    for (size_t bytes = 1; bytes <= 4096; bytes += kMemoryAlignment) {
      FreeMemory(AllocateMemory(bytes), bytes);
    }
    return true;
  }();
  SetMemoryCacheLimit(0);
  peak = live.load();
  return peak;
}

int64_t HeapPeak() { return peak; }

}  // namespace adjoint::fuzz
