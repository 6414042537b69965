#include "framework/base/large_pages.h"

#include <cstdint>

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace adjoint {

void PreferLargePages([[maybe_unused]] void* data,
                      [[maybe_unused]] size_t bytes) {
#ifdef __linux__
  constexpr uintptr_t kLarge = uintptr_t{2} << 20;
  const auto address = reinterpret_cast<uintptr_t>(data);
  const uintptr_t begin = (address + kLarge - 1) / kLarge * kLarge;
  const uintptr_t end = (address + bytes) / kLarge * kLarge;
  if (begin >= end) return;
  auto* const pages = static_cast<char*>(data) + (begin - address);
  madvise(pages, end - begin, MADV_HUGEPAGE);
#endif
}

}  // namespace adjoint
