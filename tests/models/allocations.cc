#include "tests/models/allocations.h"

#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <new>

namespace adjoint {

constinit std::atomic<int64_t> allocations{0};

namespace {

constinit thread_local int64_t own_allocations = 0;

void CountAllocation() {
  ++allocations;
  ++own_allocations;
}

}  // namespace

int64_t OwnAllocations() { return own_allocations; }

}  // namespace adjoint

using adjoint::CountAllocation;

#if ADJOINT_COUNTS_MALLOC

// What the linker finds here it takes instead of the C library's, for the
// shared libraries too; these are the library's own names for the same.
extern "C" {

void* __libc_malloc(size_t bytes);                      // NOLINT
void* __libc_calloc(size_t count, size_t bytes);        // NOLINT
void* __libc_realloc(void* block, size_t bytes);        // NOLINT
void* __libc_memalign(size_t alignment, size_t bytes);  // NOLINT

void* malloc(size_t bytes) {
  CountAllocation();
  return __libc_malloc(bytes);
}

void* calloc(size_t count, size_t bytes) {
  CountAllocation();
  return __libc_calloc(count, bytes);
}

void* realloc(void* block, size_t bytes) {
  CountAllocation();
  return __libc_realloc(block, bytes);
}

void* aligned_alloc(size_t alignment, size_t bytes) {
  CountAllocation();
  return __libc_memalign(alignment, bytes);
}

void* memalign(size_t alignment, size_t bytes) {
  CountAllocation();
  return __libc_memalign(alignment, bytes);
}

int posix_memalign(void** block, size_t alignment, size_t bytes) {
  CountAllocation();
  *block = __libc_memalign(alignment, bytes);
  return *block == nullptr ? ENOMEM : 0;
}

}  // extern "C"

#endif

// In case that a C++ library has an allocator of its own.
void* operator new(size_t bytes) {
  CountAllocation();
  void* block = std::malloc(bytes > 0 ? bytes : 1);
  if (block == nullptr) throw std::bad_alloc();
  return block;
}
void* operator new[](size_t bytes) { return operator new(bytes); }
void operator delete(void* block) noexcept { std::free(block); }
void operator delete[](void* block) noexcept { std::free(block); }
void operator delete(void* block, size_t) noexcept { std::free(block); }
void operator delete[](void* block, size_t) noexcept { std::free(block); }
