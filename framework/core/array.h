// An n-d array in memory: what a tensor's value is.
#ifndef ADJOINT_FRAMEWORK_CORE_ARRAY_H_
#define ADJOINT_FRAMEWORK_CORE_ARRAY_H_

#include <atomic>
#include <cstdint>

#include "framework/core/dtype.h"
#include "framework/core/ref.h"
#include "framework/core/shape.h"

namespace adjoint {

// A dense row-major array, in one of four forms:
//
//   owner  one block of memory, this header and then the elements
//   view   a header alone; the elements are those of another array
//   outer  a header and two vectors; the elements, each a product of one of
//          either, are computed when somebody asks for them
//   ghost  a header alone; the elements were not kept
//
// An outer product is what a weight's gradient is when a step has a single
// example. An optimizer that computes each element where it uses it spares
// writing all to memory and reading them back, a good part of such a step.
//
// Elements begin at a multiple of 64 bytes in an owner.
class Array : public RefCounted {
 public:
  // An owner with uninitialised elements.
  static Ref<Array> New(DType dtype, const Shape& shape);

  // `shape.size()` elements of `base` from element `offset` on.
  // REQUIRES: they lie inside `base`, which is not a ghost.
  static Ref<Array> View(const Ref<Array>& base, const Shape& shape,
                         int64_t offset);

  // Element [i,j] is column[i] * row[j], for vectors of m and n elements in
  // whatever shape. REQUIRES: they have one dtype, a float, and are no ghosts.
  static Ref<Array> Outer(const Ref<Array>& column, const Ref<Array>& row);

  static Ref<Array> Ghost(DType dtype, const Shape& shape);

  DType dtype() const { return dtype_; }
  const Shape& shape() const { return shape_; }
  bool is_ghost() const { return !is_outer() && data() == nullptr; }
  bool is_outer() const { return static_cast<bool>(column_); }

  // The elements; null for a ghost. Written while the array is being computed,
  // and by nn::Parameter and data::Dataset::Refill, who see to it that they are
  // alone; never once a tensor shows it to others. The first call for an outer
  // product computes them.
  void* data() const {
    void* const data = data_.load(std::memory_order_acquire);
    return data != nullptr || !is_outer() ? data : Expand();
  }

  // The vectors of an outer product.
  const Array& column() const { return *column_; }
  const Array& row() const { return *row_; }

  // Whether the caller may write: its Ref is all that leads to these elements,
  // no other Ref and no view, and they follow from nothing else.
  bool unique_owner() const { return unique() && !base_ && !is_outer(); }

  static void Delete(const Array* array);

 private:
  Array(DType dtype, const Shape& shape) : dtype_(dtype), shape_(shape) {}
  ~Array() = default;

  int64_t ElementBytes() const { return shape_.size() * SizeOf(dtype_); }
  void* Expand() const;

  DType dtype_;
  Shape shape_;
  mutable std::atomic<void*> data_ = nullptr;
  Ref<Array> base_;          // Of a view: the owner.
  Ref<Array> column_, row_;  // Of an outer product.
  size_t block_bytes_ = 0;   // What the block was asked for with.
};

}  // namespace adjoint

#endif  // ADJOINT_FRAMEWORK_CORE_ARRAY_H_
