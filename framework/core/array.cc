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
  array->data_ = block + kHeaderBytes;
  array->block_bytes_ = bytes;
  return Ref<Array>(array);
}

Ref<Array> Array::View(const Ref<Array>& base, const Shape& shape,
                       int64_t offset) {
  Ref<Array> view = Ghost(base->dtype(), shape);
  view->data_ =
      static_cast<char*>(base->data_) + offset * SizeOf(base->dtype());
  // A view of a view leads to the owner, so chains do not grow.
  view->base_ = base->base_ ? base->base_ : base;
  return view;
}

Ref<Array> Array::Ghost(DType dtype, const Shape& shape) {
  Array* array = new (AllocateMemory(sizeof(Array))) Array(dtype, shape);
  array->block_bytes_ = sizeof(Array);
  return Ref<Array>(array);
}

void Array::Delete(const Array* array) {
  const size_t bytes = array->block_bytes_;
  array->~Array();
  FreeMemory(const_cast<Array*>(array), bytes);
}

}  // namespace adjoint
