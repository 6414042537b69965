#include "framework/base/peak_memory.h"

#include <sys/resource.h>

namespace adjoint {

int64_t PeakMemoryBytes() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return int64_t{usage.ru_maxrss} << 10;  // Linux counts in KiB.
}

}  // namespace adjoint
