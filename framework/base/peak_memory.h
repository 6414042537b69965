// How much memory the process has needed.
#ifndef ADJOINT_FRAMEWORK_BASE_PEAK_MEMORY_H_
#define ADJOINT_FRAMEWORK_BASE_PEAK_MEMORY_H_

#include <cstdint>

namespace adjoint {

// The most bytes that were resident at once since the program began.
int64_t PeakMemoryBytes();

}  // namespace adjoint

#endif  // ADJOINT_FRAMEWORK_BASE_PEAK_MEMORY_H_
