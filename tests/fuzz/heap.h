// How much memory the process has taken from the system's allocator, by
// whichever name: new, malloc, zlib, the framework's own blocks.
#ifndef ADJOINT_TESTS_FUZZ_HEAP_H_
#define ADJOINT_TESTS_FUZZ_HEAP_H_

#include <cstdint>

namespace adjoint::fuzz {

// Whether it is known: elsewhere than with glibc or a sanitizer all is 0.
extern const bool kHeapIsSeen;

// Forgets the peak; returns the bytes that are in use now. The framework has
// then given back what it keeps of large tensors, and has room for small ones.
int64_t ResetHeapPeak();

// The most bytes that were in use at once since then.
int64_t HeapPeak();

}  // namespace adjoint::fuzz

#endif  // ADJOINT_TESTS_FUZZ_HEAP_H_
