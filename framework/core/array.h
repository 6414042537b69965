// An n-d array in memory: what a tensor's value is.
#ifndef ADJOINT_FRAMEWORK_CORE_ARRAY_H_
#define ADJOINT_FRAMEWORK_CORE_ARRAY_H_

#include <cstdint>

#include "framework/core/dtype.h"
#include "framework/core/ref.h"
#include "framework/core/shape.h"

namespace adjoint {

// A dense row-major array, in one of three forms:
//
//   owner  one block of memory, this header and then the elements
//   view   a header alone; the elements are those of another array
//   ghost  a header alone; the elements were not kept
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

  static Ref<Array> Ghost(DType dtype, const Shape& shape);

  DType dtype() const { return dtype_; }
  const Shape& shape() const { return shape_; }
  bool is_ghost() const { return data_ == nullptr; }

  // The elements; null for a ghost. Written while the array is being computed,
  // and by nn::Parameter; never once a tensor shows it to others.
  void* data() const { return data_; }

  // Whether the caller's Ref is all that leads to these elements: no other Ref
  // and no view.
  bool unique_owner() const { return unique() && !base_; }

  static void Delete(const Array* array);

 private:
  Array(DType dtype, const Shape& shape) : dtype_(dtype), shape_(shape) {}
  ~Array() = default;

  DType dtype_;
  Shape shape_;
  void* data_ = nullptr;
  Ref<Array> base_;         // Of a view: the owner.
  size_t block_bytes_ = 0;  // What the block was asked for with.
};

}  // namespace adjoint

#endif  // ADJOINT_FRAMEWORK_CORE_ARRAY_H_
