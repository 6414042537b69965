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
//   owner    one block of memory, this header and then the elements
//   view     a header alone; the elements are those of another array
//   product  a header and two matrices, whose product is computed when
//            somebody asks for its elements
//   ghost    a header alone; the elements were not kept
//
// A product is what the gradient of a layer's weights is, of as many rows as
// the step has examples. An optimizer that computes each element where it uses
// it spares writing all to memory and reading them back, a good part of a step
// of few examples.
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

  // A' B, for A [k,m] and B [k,n], as multiply(a, b, elements) writes it.
  // REQUIRES: k > 0; they have one dtype and are no ghosts.
  using Multiply = void (*)(const Array& a, const Array& b, void* elements);
  static Ref<Array> Product(const Ref<Array>& a, const Ref<Array>& b,
                            Multiply multiply);

  static Ref<Array> Ghost(DType dtype, const Shape& shape);

  DType dtype() const { return dtype_; }
  const Shape& shape() const { return shape_; }
  bool is_ghost() const { return !is_product() && data() == nullptr; }
  bool is_product() const { return static_cast<bool>(a_); }
  // Whether nobody has asked for the elements of this product.
  bool is_pending() const {
    return is_product() && data_.load(std::memory_order_acquire) == nullptr;
  }
  // Whether it is the product of a column and a row, of a single example.
  bool is_outer() const { return is_product() && a_->shape_[0] == 1; }

  // The elements; null for a ghost. Written while the array is being computed,
  // and by nn::Parameter and data::Dataset::Refill, who see to it that they are
  // alone; never once a tensor shows it to others. The first call for a product
  // computes them.
  void* data() const {
    void* const data = data_.load(std::memory_order_acquire);
    return data != nullptr || !is_product() ? data : Expand();
  }

  // The factors of a product A' B.
  const Array& a() const { return *a_; }
  const Array& b() const { return *b_; }

  // Whether the caller may write: its Ref is all that leads to these elements,
  // no other Ref and no view, and they follow from nothing else.
  bool unique_owner() const { return unique() && !base_ && !is_product(); }

  static void Delete(const Array* array);

 private:
  Array(DType dtype, const Shape& shape) : dtype_(dtype), shape_(shape) {}
  ~Array() = default;

  int64_t ElementBytes() const { return shape_.size() * SizeOf(dtype_); }
  void* Expand() const;

  DType dtype_;
  Shape shape_;
  mutable std::atomic<void*> data_ = nullptr;
  Ref<Array> base_;              // Of a view: the owner.
  Ref<Array> a_, b_;             // Of a product: the factors,
  Multiply multiply_ = nullptr;  // and what multiplies them.
  size_t block_bytes_ = 0;       // What the block was asked for with.
};

}  // namespace adjoint

#endif  // ADJOINT_FRAMEWORK_CORE_ARRAY_H_
