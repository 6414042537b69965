#include "framework/core/array.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
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

// The product of two of them.
void MultiplyVectors(const Array& a, const Array& b, void* elements) {
  float* out = static_cast<float*>(elements);
  for (int64_t i = 0; i < a.shape()[1]; ++i) {
    for (int64_t j = 0; j < b.shape()[1]; ++j) {
      *out++ = static_cast<const float*>(a.data())[i] *
               static_cast<const float*>(b.data())[j];
    }
  }
}

Ref<Array> Product(const Ref<Array>& a, const Ref<Array>& b) {
  return Array::Product(a, b, &MultiplyVectors);
}

TEST(Array, AProductTakesMemoryOnlyWhenItsElementsAreAskedFor) {
  const Ref<Array> a = Vector(500), b = Vector(200);
  const int64_t live = GetMemoryStats().live;
  Ref<Array> product = Product(a, b);
  EXPECT_EQ(product->shape(), Shape({500, 200}));
  EXPECT_EQ(product->dtype(), DType::kF32);
  EXPECT_TRUE(product->is_product());
  EXPECT_TRUE(product->is_pending());
  EXPECT_FALSE(product->is_ghost());
  EXPECT_LE(GetMemoryStats().live, live + 256);
  const float* const elements = static_cast<const float*>(product->data());
  EXPECT_GE(GetMemoryStats().live, live + 4 * 500 * 200);
  EXPECT_TRUE(product->is_product());
  EXPECT_FALSE(product->is_pending());
  EXPECT_EQ(elements[0], 0);
  EXPECT_EQ(elements[99'999], 499 * 199);
  EXPECT_EQ(product->data(), elements);
  product = nullptr;
  EXPECT_EQ(GetMemoryStats().live, live);
}

TEST(Array, AProductOfOneExampleIsOuter) {
  EXPECT_TRUE(Product(Vector(2), Vector(3))->is_outer());
  const Ref<Array> two = Array::New(DType::kF32, {2, 5});
  EXPECT_FALSE(Product(two, two)->is_outer());
  EXPECT_FALSE(two->is_outer());
}

TEST(Array, AProductKeepsItsFactorsAlive) {
  Ref<Array> a = Vector(3);
  const Ref<Array> product = Product(a, Vector(4));
  EXPECT_FALSE(a->unique_owner());
  EXPECT_FALSE(product->unique_owner());
  a = nullptr;
  EXPECT_EQ(static_cast<float*>(product->data())[11], 6);
}

TEST(Array, ViewsLookIntoAProduct) {
  const Ref<Array> product = Product(Vector(4), Vector(6));
  const Ref<Array> view = Array::View(product, {6}, 18);
  EXPECT_EQ(view->data(), static_cast<float*>(product->data()) + 18);
  EXPECT_FALSE(view->is_product());
  EXPECT_EQ(static_cast<float*>(view->data())[5], 15);
}

TEST(Array, ThreadsThatAskForAProductAtOnceSeeTheSameElements) {
  const int64_t live = GetMemoryStats().live;
  for (int round = 0; round < 50; ++round) {
    const Ref<Array> product = Product(Vector(100), Vector(100));
    std::vector<void*> seen(4);
    std::vector<std::thread> threads;
    for (void*& elements : seen) {
      threads.emplace_back([&] { elements = product->data(); });
    }
    for (std::thread& thread : threads) thread.join();
    for (void* elements : seen) EXPECT_EQ(elements, seen[0]);
    EXPECT_EQ(static_cast<float*>(seen[0])[9999], 99 * 99);
  }
  EXPECT_EQ(GetMemoryStats().live, live);
}

}  // namespace
}  // namespace adjoint
