#include "framework/core/array.h"

#include <algorithm>
#include <new>

#include "framework/base/parallel_for.h"
#include "framework/base/vectorize.h"
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

Ref<Array> Array::Outer(const Ref<Array>& column, const Ref<Array>& row) {
  Ref<Array> outer =
      Ghost(column->dtype(), {column->shape().size(), row->shape().size()});
  outer->column_ = column;
  outer->row_ = row;
  return outer;
}

// Of several threads that come first, all compute the elements and one of them
// hands its own to all.
void* Array::Expand() const {
  void* const mine = AllocateMemory(ElementBytes());
  VisitFloat(dtype_, [&](auto zero) {
    using T = decltype(zero);
    const T* const column = static_cast<const T*>(column_->data());
    const T* const row = static_cast<const T*>(row_->data());
    const int64_t m = column_->shape().size(), n = row_->shape().size();
    constexpr int64_t kGrain = 64 * 1024;
    ParallelFor(m, kGrain / std::clamp<int64_t>(n, 1, kGrain),
                [=](int64_t begin, int64_t end) {
                  WithWidestVectors([=] {
                    T* __restrict out = static_cast<T*>(mine) + begin * n;
                    for (int64_t i = begin; i < end; ++i, out += n) {
                      const T factor = column[i];
                      for (int64_t j = 0; j < n; ++j) out[j] = factor * row[j];
                    }
                  });
                });
  });
  void* first = nullptr;
  if (data_.compare_exchange_strong(first, mine, std::memory_order_acq_rel)) {
    return mine;
  }
  FreeMemory(mine, ElementBytes());
  return first;
}

void Array::Delete(const Array* array) {
  if (array->is_outer()) {
    void* const elements = array->data_.load(std::memory_order_acquire);
    if (elements != nullptr) FreeMemory(elements, array->ElementBytes());
  }
  const size_t bytes = array->block_bytes_;
  array->~Array();
  FreeMemory(const_cast<Array*>(array), bytes);
}

}  // namespace adjoint
