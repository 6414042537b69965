#include "framework/core/array.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <new>

#include "framework/core/memory.h"

namespace adjoint {
namespace {

constexpr DType kDTypes[] = {DType::kF32, DType::kF64, DType::kI32};

TEST(Array, OwnsElementsThatAreAlignedAndMayBeWritten) {
  for (const DType dtype : kDTypes) {
    for (int64_t n = 0; n < 3000; n += 7) {
      const Ref<Array> array = Array::New(dtype, {n});
      EXPECT_EQ(array->dtype(), dtype);
      EXPECT_EQ(array->shape(), Shape({n}));
      EXPECT_EQ(reinterpret_cast<uintptr_t>(array->data()) % 64, 0);
      std::memset(array->data(), 0xff, n * SizeOf(dtype));
    }
  }
}

TEST(Array, OfNoElementsIsNoGhost) {
  EXPECT_FALSE(Array::New(DType::kF32, {0, 3})->is_ghost());
}

TEST(Array, TooLargeForTheSystemThrows) {
  EXPECT_THROW(Array::New(DType::kF64, {int64_t{1} << 59}), std::bad_alloc);
  EXPECT_THROW(Array::New(DType::kF32, {1 << 30, 1 << 29}), std::bad_alloc);
}

TEST(Array, ViewsLookIntoTheirBase) {
  for (const DType dtype : kDTypes) {
    const Ref<Array> base = Array::New(dtype, {4, 5});
    const Ref<Array> view = Array::View(base, {2, 5}, 10);
    EXPECT_EQ(view->dtype(), dtype);
    EXPECT_EQ(view->shape(), Shape({2, 5}));
    EXPECT_EQ(view->data(),
              static_cast<char*>(base->data()) + 10 * SizeOf(dtype));
    EXPECT_EQ(Array::View(view, {5}, 5)->data(),
              static_cast<char*>(base->data()) + 15 * SizeOf(dtype));
  }
}

TEST(Array, ViewsKeepTheOwnerAlive) {
  const int64_t live = GetMemoryStats().live;
  constexpr int64_t kElements = 100000;
  Ref<Array> base = Array::New(DType::kI32, {kElements});
  int32_t* const elements = static_cast<int32_t*>(base->data());
  elements[kElements - 1] = 7;
  Ref<Array> view = Array::View(base, {10}, kElements - 10);
  Ref<Array> inner = Array::View(view, {1}, 9);
  base = nullptr;
  view = nullptr;
  EXPECT_GE(GetMemoryStats().live, live + 4 * kElements);
  EXPECT_EQ(*static_cast<int32_t*>(inner->data()), 7);
  inner = nullptr;
  EXPECT_EQ(GetMemoryStats().live, live);
}

TEST(Array, AViewOfAViewLetsGoOfTheOneBetween) {
  const Ref<Array> base = Array::New(DType::kF32, {8});
  const Ref<Array> view = Array::View(base, {4}, 4);
  const Ref<Array> inner = Array::View(view, {2}, 2);
  EXPECT_TRUE(view->unique());
}

TEST(Array, IsAUniqueOwnerWhileNothingElseLeadsToItsElements) {
  const Ref<Array> base = Array::New(DType::kF32, {8});
  EXPECT_TRUE(base->unique_owner());
  {
    const Ref<Array> other = base;
    EXPECT_FALSE(base->unique_owner());
  }
  EXPECT_TRUE(base->unique_owner());
  {
    const Ref<Array> view = Array::View(base, {8}, 0);
    EXPECT_FALSE(base->unique_owner());
    EXPECT_FALSE(view->unique_owner());
  }
  EXPECT_TRUE(base->unique_owner());
}

TEST(Array, GhostsHaveAShapeAndNoElements) {
  const int64_t live = GetMemoryStats().live;
  const Ref<Array> ghost = Array::Ghost(DType::kF64, {1000, 1000});
  EXPECT_TRUE(ghost->is_ghost());
  EXPECT_EQ(ghost->data(), nullptr);
  EXPECT_EQ(ghost->dtype(), DType::kF64);
  EXPECT_EQ(ghost->shape(), Shape({1000, 1000}));
  EXPECT_LE(GetMemoryStats().live, live + 256);
}

}  // namespace
}  // namespace adjoint
