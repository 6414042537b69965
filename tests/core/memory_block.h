// A block of the engine's memory, for its tests.
#ifndef ADJOINT_TESTS_CORE_MEMORY_BLOCK_H_
#define ADJOINT_TESTS_CORE_MEMORY_BLOCK_H_

#include <cstddef>
#include <utility>

#include "framework/core/memory.h"

namespace adjoint {

// A block that is given back at the end of its scope.
class Block {
 public:
  explicit Block(size_t bytes) : bytes_(bytes), data_(AllocateMemory(bytes)) {}
  Block(Block&& other) noexcept
      : bytes_(other.bytes_), data_(std::exchange(other.data_, nullptr)) {}
  ~Block() {
    if (data_ != nullptr) FreeMemory(data_, bytes_);
  }
  unsigned char* data() const { return static_cast<unsigned char*>(data_); }
  size_t bytes() const { return bytes_; }

 private:
  size_t bytes_;
  void* data_;
};

}  // namespace adjoint

#endif  // ADJOINT_TESTS_CORE_MEMORY_BLOCK_H_
