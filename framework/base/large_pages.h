// Fewer page faults for large buffers.
#ifndef ADJOINT_FRAMEWORK_BASE_LARGE_PAGES_H_
#define ADJOINT_FRAMEWORK_BASE_LARGE_PAGES_H_

#include <cstddef>

namespace adjoint {

// Asks the system to back [data, data + bytes), which need not have been
// touched, by pages of 2 MiB where it can: a buffer of 50 MB is then there
// after 25 page faults instead of 12,000, which on a virtual machine may take
// longer than to fill it. Only a wish; what is smaller is left as it is.
void PreferLargePages(void* data, size_t bytes);

}  // namespace adjoint

#endif  // ADJOINT_FRAMEWORK_BASE_LARGE_PAGES_H_
