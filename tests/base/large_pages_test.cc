#include "framework/base/large_pages.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <vector>

namespace adjoint {
namespace {

// The elements must survive the wish, wherever the range begins and ends.
TEST(LargePages, LeaveWhatIsThereAsItIs) {
  constexpr size_t kMost = size_t{9} << 20;
  std::vector<char> bytes(kMost);
  for (size_t i = 0; i < kMost; ++i) bytes[i] = static_cast<char>(i % 251);
  const std::vector<char> before = bytes;
  for (size_t begin : {size_t{0}, size_t{1}, size_t{4096}, size_t{3} << 20}) {
    for (size_t n : {size_t{0}, size_t{1}, size_t{2} << 20, size_t{6} << 20}) {
      PreferLargePages(bytes.data() + begin, n);
      EXPECT_EQ(bytes, before) << begin << " " << n;
    }
  }
  PreferLargePages(nullptr, 0);
}

}  // namespace
}  // namespace adjoint
