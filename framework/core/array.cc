#include "framework/core/array.h"

#include <new>

#include "framework/core/memory.h"

namespace adjoint {
namespace {

// The header's share of a block, so that the elements are aligned.
constexpr size_t kHeaderBytes = (sizeof(Array) + kMemoryAlignment - 1) /
                                kMemoryAlignment * kMemoryAlignment;

}  // namespace

Ref<Array> Array::New(DType dtype, const Shape& shape) {
  const size_t bytes = kHeaderBytes + shape.size() * SizeOf(dtype);
  char* block = static_cast<char*>(AllocateMemory(bytes));
  Array* array = new (block) Array(dtype, shape);
  array->data_.store(block + kHeaderBytes, std::memory_order_relaxed);
  array->block_bytes_ = bytes;
  return Ref<Array>(array);
}

Ref<Array> Array::View(const Ref<Array>& base, const Shape& shape,
                       int64_t offset) {
  Ref<Array> view = Ghost(base->dtype(), shape);
  view->data_.store(
      static_cast<char*>(base->data()) + offset * SizeOf(base->dtype()),
      std::memory_order_relaxed);
  // A view of a view leads to the owner, so chains do not grow.
  view->base_ = base->base_ ? base->base_ : base;
  return view;
}

Ref<Array> Array::Ghost(DType dtype, const Shape& shape) {
  Array* array = new (AllocateMemory(sizeof(Array))) Array(dtype, shape);
  array->block_bytes_ = sizeof(Array);
  return Ref<Array>(array);
}

Ref<Array> Array::Product(const Ref<Array>& a, const Ref<Array>& b,
                          Multiply multiply) {
  Ref<Array> product = Ghost(a->dtype(), {a->shape()[1], b->shape()[1]});
  product->a_ = a;
  product->b_ = b;
  product->multiply_ = multiply;
  return product;
}

// Of several threads that come first, all compute the elements and one of them
// hands its own to all.
void* Array::Expand() const {
  void* const mine = AllocateMemory(ElementBytes());
  multiply_(*a_, *b_, mine);
  void* first = nullptr;
  if (data_.compare_exchange_strong(first, mine, std::memory_order_acq_rel)) {
    return mine;
  }
  FreeMemory(mine, ElementBytes());
  return first;
}

void Array::Delete(const Array* array) {
  if (array->is_product()) {
    void* const elements = array->data_.load(std::memory_order_acquire);
    if (elements != nullptr) FreeMemory(elements, array->ElementBytes());
  }
  const size_t bytes = array->block_bytes_;
  array->~Array();
  FreeMemory(const_cast<Array*>(array), bytes);
}

}  // namespace adjoint
