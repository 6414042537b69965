// The extents of a tensor along each axis.
#ifndef ADJOINT_FRAMEWORK_CORE_SHAPE_H_
#define ADJOINT_FRAMEWORK_CORE_SHAPE_H_

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <ostream>
#include <string>

#include "absl/types/span.h"

namespace adjoint {

// Zero to eight extents, each >= 0. Rank 0 is a scalar: one element. A value
// type that never allocates.
class Shape {
 public:
  static constexpr int kMaxRank = 8;

  Shape() = default;
  // Throws ShapeError for more than eight extents, a negative one, or a product
  // of those that are not zero above 2^59: sizes in bytes fit an int64_t.
  Shape(std::initializer_list<int64_t> dims)
      : Shape(absl::MakeConstSpan(dims.begin(), dims.size())) {}
  explicit Shape(absl::Span<const int64_t> dims);

  int rank() const { return rank_; }

  // The number of elements: the product of the extents.
  int64_t size() const { return size_; }

  // The extent along `axis`, counted from the end if negative. Throws
  // ShapeError unless -rank() <= axis < rank().
  int64_t operator[](int axis) const { return dims_[Axis(axis)]; }

  absl::Span<const int64_t> dims() const {
    return absl::MakeConstSpan(dims_.data(), rank_);
  }

  // `axis` counted from the front. Throws ShapeError unless
  // -rank() <= axis < rank().
  int Axis(int axis) const {
    if (axis < -rank_ || axis >= rank_) ThrowNoAxis(axis);
    return axis < 0 ? axis + rank_ : axis;
  }

  // This shape with the extent along `axis` replaced, or with the axis removed.
  // Both throw ShapeError as Axis does.
  Shape With(int axis, int64_t extent) const;
  Shape Without(int axis) const;

  // "[128,784]"; "[]" for a scalar.
  std::string ToString() const;

  friend bool operator==(const Shape& a, const Shape& b) {
    return a.dims() == b.dims();
  }

 private:
  [[noreturn]] void ThrowNoAxis(int axis) const;

  std::array<int64_t, kMaxRank> dims_;
  int rank_ = 0;
  int64_t size_ = 1;
};

std::ostream& operator<<(std::ostream& out, const Shape& shape);

// The shape to which `a` and `b` broadcast by NumPy's rule: aligned at the last
// axis, extents are equal or one of them is 1. None if they do not fit.
std::optional<Shape> BroadcastShapes(const Shape& a, const Shape& b);

}  // namespace adjoint

#endif  // ADJOINT_FRAMEWORK_CORE_SHAPE_H_
