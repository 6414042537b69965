// The tensor: a value and its history.
//
//   Tensor x = FromValues({2, 2}, {1, 2, 3, 4});   // a constant, f32
//   Tensor w = Leaf(Ones({2, 2}));                 // gradients can be asked
//   Tensor y = Sum(Exp(MatMul(x, w)));             // a value and its history
//   Tensor dw = Grad(y, {w})[0];
#ifndef ADJOINT_FRAMEWORK_CORE_TENSOR_H_
#define ADJOINT_FRAMEWORK_CORE_TENSOR_H_

#include <cstdint>
#include <initializer_list>
#include <ostream>
#include <string>
#include <type_traits>
#include <utility>

#include "absl/types/span.h"
#include "framework/core/array.h"
#include "framework/core/dtype.h"
#include "framework/core/node.h"
#include "framework/core/ref.h"
#include "framework/core/shape.h"

namespace adjoint {

// An immutable n-d array and the node that made it (null for a constant).
// Copying one copies two pointers. A default-made tensor is undefined: to ask
// for its dtype, shape or elements, or to apply an op to it, throws ValueError.
//
// Tensors may be read by several threads at once.
class Tensor {
 public:
  Tensor() = default;
  explicit Tensor(Ref<Array> value, Ref<Node> node = nullptr)
      : value_(std::move(value)), node_(std::move(node)) {}

  bool defined() const { return static_cast<bool>(value_); }
  DType dtype() const { return value().dtype(); }
  const Shape& shape() const { return value().shape(); }
  int rank() const { return shape().rank(); }
  int64_t size() const { return shape().size(); }

  // The elements in row-major order. Throws DTypeError unless T is the C++ type
  // of the dtype, and ValueError for a ghost: a shape and a dtype whose
  // elements were not kept, for the op that made the node did not name them in
  // its kSave.
  template <class T>
  absl::Span<const T> data() const {
    return absl::MakeConstSpan(static_cast<const T*>(Elements(kDTypeOf<T>)),
                               size());
  }

  // The value of a tensor of one element, whatever its dtype. Throws ShapeError
  // for any other size.
  double item() const;

  // The same value without its history.
  Tensor Detach() const { return Tensor(value_); }

  // The same shape and dtype without elements and history.
  Tensor Ghost() const;

  const Ref<Node>& node() const { return node_; }
  const Ref<Array>& array() const { return value_; }

 private:
  const Array& value() const {
    if (!value_) ThrowUndefined();
    return *value_;
  }
  [[noreturn]] static void ThrowUndefined();
  const void* Elements(DType dtype) const;

  Ref<Array> value_;
  Ref<Node> node_;
};

// `x` as a leaf of the graph: a tensor of the same value with which gradients
// can be asked. Throws DTypeError for an integer tensor.
Tensor Leaf(const Tensor& x);

// Constants -----------------------------------------------------------------

Tensor Full(const Shape& shape, double value, DType dtype = DType::kF32);
Tensor Zeros(const Shape& shape, DType dtype = DType::kF32);
Tensor Ones(const Shape& shape, DType dtype = DType::kF32);

// 0, 1, ..., n - 1 as [n].
Tensor Arange(int64_t n, DType dtype = DType::kF32);

// `values` in row-major order. Throws ShapeError if their number is not the
// size of `shape`.
template <class T>
Tensor FromSpan(const Shape& shape, absl::Span<const T> values);

// The same for values written out: FromValues({2}, {0.5, 2}) is f32,
// FromValues<int32_t>({2}, {7, 1}) is i32.
template <class T = float>
Tensor FromValues(const Shape& shape,
                  std::initializer_list<std::type_identity_t<T>> values) {
  return FromSpan<T>(shape, absl::MakeConstSpan(values.begin(), values.size()));
}

// Printing ------------------------------------------------------------------

// Dtype, shape and values as NumPy 1.24 prints them by default, elided in the
// middle of axes longer than six when there are more than 1,000 elements:
//
//   f32 [2,3]
//   [[1.  2.5 3. ]
//    [4.  5.  6. ]]
//
// "undefined" for an undefined tensor; the signature and "(not saved)" for a
// ghost.
std::string ToString(const Tensor& x);
std::ostream& operator<<(std::ostream& out, const Tensor& x);

// Dtype and shape: "f32 [128,784]"; "undefined" for an undefined tensor.
std::string Signature(const Tensor& x);

}  // namespace adjoint

#endif  // ADJOINT_FRAMEWORK_CORE_TENSOR_H_
