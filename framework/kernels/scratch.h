// Memory for what a kernel needs while it runs.
#ifndef ADJOINT_FRAMEWORK_KERNELS_SCRATCH_H_
#define ADJOINT_FRAMEWORK_KERNELS_SCRATCH_H_

#include <cstdint>

#include "hwy/aligned_allocator.h"

namespace adjoint::kernels {

// Aligned memory for n elements, not initialised: in each thread the same at
// each call for `kUse`, an enumerator of the kernel's own, so that a steady
// training allocates nothing. It grows to the largest n and is never freed
// before the thread ends.
template <class T, auto kUse>
T* Scratch(int64_t n) {
  thread_local hwy::AlignedFreeUniquePtr<T[]> memory;
  thread_local int64_t size = 0;
  if (size < n) {
    memory = hwy::AllocateAligned<T>(n);
    size = n;
  }
  return memory.get();
}

}  // namespace adjoint::kernels

#endif  // ADJOINT_FRAMEWORK_KERNELS_SCRATCH_H_
