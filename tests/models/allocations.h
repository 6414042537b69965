// How often this process has taken memory from the system.
#ifndef ADJOINT_TESTS_MODELS_ALLOCATIONS_H_
#define ADJOINT_TESTS_MODELS_ALLOCATIONS_H_

#include <atomic>
#include <cstdint>

#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__)
#define ADJOINT_COUNTS_MALLOC 1
#else
// Sanitizers have a malloc of their own, as other C libraries have other names
// for it.
#define ADJOINT_COUNTS_MALLOC 0
#endif

namespace adjoint {

// All calls of malloc and its kin, if ADJOINT_COUNTS_MALLOC, and of operator
// new: on all threads, and on the calling one.
extern std::atomic<int64_t> allocations;
int64_t OwnAllocations();

}  // namespace adjoint

#endif  // ADJOINT_TESTS_MODELS_ALLOCATIONS_H_
