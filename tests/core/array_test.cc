#include "framework/core/array.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <new>
#include <thread>
#include <vector>

#include "absl/types/span.h"
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

// [1,n] of whole numbers, whose products are exact.
Ref<Array> Vector(int64_t n) {
  Ref<Array> vector = Array::New(DType::kF32, {1, n});
  for (int64_t i = 0; i < n; ++i) {
    static_cast<float*>(vector->data())[i] = static_cast<float>(i % 1000);
  }
  return vector;
}

TEST(Array, AnOuterProductTakesMemoryOnlyWhenItsElementsAreAskedFor) {
  // More than a chunk.
  const Ref<Array> column = Vector(500), row = Vector(200);
  const int64_t live = GetMemoryStats().live;
  Ref<Array> outer = Array::Outer(column, row);
  EXPECT_EQ(outer->shape(), Shape({500, 200}));
  EXPECT_TRUE(outer->is_outer());
  EXPECT_FALSE(outer->is_ghost());
  EXPECT_LE(GetMemoryStats().live, live + 256);
  const float* const elements = static_cast<const float*>(outer->data());
  EXPECT_GE(GetMemoryStats().live, live + 4 * 500 * 200);
  for (int64_t i = 0; i < 500; ++i) {
    for (int64_t j = 0; j < 200; ++j) {
      ASSERT_EQ(elements[i * 200 + j], i * j) << i << ", " << j;
    }
  }
  EXPECT_EQ(outer->data(), elements);
  outer = nullptr;
  EXPECT_EQ(GetMemoryStats().live, live);
}

TEST(Array, AnOuterProductKeepsItsVectorsAlive) {
  Ref<Array> column = Vector(3);
  const Ref<Array> outer = Array::Outer(column, Vector(4));
  EXPECT_FALSE(column->unique_owner());
  EXPECT_FALSE(outer->unique_owner());
  column = nullptr;
  EXPECT_EQ(static_cast<float*>(outer->data())[11], 6);
}

TEST(Array, ViewsLookIntoAnOuterProduct) {
  const Ref<Array> outer = Array::Outer(Vector(4), Vector(6));
  const Ref<Array> view = Array::View(outer, {6}, 18);
  EXPECT_EQ(view->data(), static_cast<float*>(outer->data()) + 18);
  EXPECT_FALSE(view->is_outer());
  EXPECT_EQ(static_cast<float*>(view->data())[5], 15);
}

TEST(Array, ThreadsThatAskForAnOuterProductAtOnceSeeTheSameElements) {
  const int64_t live = GetMemoryStats().live;
  for (int round = 0; round < 50; ++round) {
    const Ref<Array> outer = Array::Outer(Vector(100), Vector(100));
    std::vector<void*> seen(4);
    std::vector<std::thread> threads;
    for (void*& elements : seen) {
      threads.emplace_back([&] { elements = outer->data(); });
    }
    for (std::thread& thread : threads) thread.join();
    for (void* elements : seen) EXPECT_EQ(elements, seen[0]);
    EXPECT_EQ(static_cast<float*>(seen[0])[9999], 99 * 99);
  }
  EXPECT_EQ(GetMemoryStats().live, live);
}

TEST(Array, AnOuterProductMultipliesAsAProcessorDoes) {
  constexpr float kInf = std::numeric_limits<float>::infinity();
  const Ref<Array> column = Array::New(DType::kF32, {2});
  const Ref<Array> row = Array::New(DType::kF32, {2});
  std::memcpy(column->data(), std::vector<float>{-1, kInf}.data(), 8);
  std::memcpy(row->data(), std::vector<float>{0, -2}.data(), 8);
  const Ref<Array> outer = Array::Outer(column, row);
  const float* const elements = static_cast<const float*>(outer->data());
  EXPECT_EQ(elements[0], 0);
  EXPECT_TRUE(std::signbit(elements[0]));
  EXPECT_EQ(elements[1], 2);
  EXPECT_TRUE(std::isnan(elements[2]));
  EXPECT_EQ(elements[3], -kInf);
}

}  // namespace
}  // namespace adjoint
