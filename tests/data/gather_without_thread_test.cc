// Batches where the system refuses to start another thread. By itself, for a
// process has one thread that gathers ahead, or none.

#include <gtest/gtest.h>
#include <pthread.h>

#include <cstddef>
#include <cstdint>
#include <system_error>
#include <thread>

#include "framework/base/parallel_for.h"
#include "framework/core/tensor.h"
#include "framework/data/batches.h"
#include "framework/data/dataset.h"

namespace adjoint::data {
namespace {

TEST(GatherAhead, DoesWithoutAThreadThatTheSystemRefuses) {
  // No address space has room for such a stack.
  pthread_attr_t attributes;
  ASSERT_EQ(pthread_attr_init(&attributes), 0);
  ASSERT_EQ(pthread_attr_setstacksize(&attributes, size_t{1} << 60), 0);
  ASSERT_EQ(pthread_setattr_default_np(&attributes), 0);
  ASSERT_THROW(std::thread([] {}), std::system_error);

  SetNumThreads(2);
  const TensorDataset set(Arange(12), Arange(12));
  int64_t row = 0;
  for (const Batch& batch :
       Batches(set,
               {.size = 2, .shuffle = false, .prefetch = Prefetch::kAlways})
           .Epoch(0)) {
    EXPECT_EQ(batch.x.data<float>()[0], row);
    row += batch.size();
  }
  EXPECT_EQ(row, 12);
}

}  // namespace
}  // namespace adjoint::data
