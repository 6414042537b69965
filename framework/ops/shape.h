// Ops that move elements and never change one, other than to 0: they reshape,
// reorder, repeat, cut, pad and join.
//
// Tensors are of any dtype. An axis is counted from the end if negative. All
// throw ShapeError on shapes, axes or ranges that do not fit.
#ifndef ADJOINT_FRAMEWORK_OPS_SHAPE_H_
#define ADJOINT_FRAMEWORK_OPS_SHAPE_H_

#include <cstdint>
#include <initializer_list>
#include <vector>

#include "absl/types/span.h"
#include "framework/core/tensor.h"

namespace adjoint {

// The elements of x in row-major order as an array of another shape of the same
// size. Shares memory with x.
Tensor Reshape(const Tensor& x, const Shape& shape);

// The same for extents written out, of which one may be -1: it becomes what the
// size of x leaves for it. Reshape(x, {32, -1}) of [4,8,5] is [32,5].
Tensor Reshape(const Tensor& x, std::initializer_list<int64_t> extents);

// The axes from `first_axis` on as one: [batch, ...] -> [batch, features].
// Shares memory with x.
Tensor Flatten(const Tensor& x, int first_axis = 1);

// The last two axes swapped: x [..., m, n] -> [..., n, m].
Tensor Transpose(const Tensor& x);

// The axes in another order: axis i of the result is axis axes[i] of x.
Tensor Transpose(const Tensor& x, absl::Span<const int> axes);

// x repeated along the axes where NumPy's rule stretches it to `shape`.
Tensor BroadcastTo(const Tensor& x, const Shape& shape);

// The elements at [begin, end) along `axis`. Both count from the front;
// throws unless 0 <= begin <= end <= the extent. Shares memory with x along
// axis 0 and copies along any other.
Tensor Slice(const Tensor& x, int axis, int64_t begin, int64_t end);

// x with `before` zeros in front of it and `after` zeros behind it along
// `axis`. Throws if one is negative.
Tensor Pad(const Tensor& x, int axis, int64_t before, int64_t after);

// One or more tensors, one behind the other along `axis`. Their shapes are
// equal but for the extent of that axis.
Tensor Concat(absl::Span<const Tensor> xs, int axis = 0);

// One or more tensors of one shape along a new axis, which is `axis` of the
// result: two of [3,4] with axis -1 make [3,4,2].
Tensor Stack(absl::Span<const Tensor> xs, int axis = 0);

// x cut along `axis` into pieces of these sizes; the inverse of Concat. Throws
// unless the sizes are >= 0 and add up to the extent.
std::vector<Tensor> Split(const Tensor& x, absl::Span<const int64_t> sizes,
                          int axis = 0);

// The same in `parts` pieces of one size. Throws unless there is one.
std::vector<Tensor> SplitEvenly(const Tensor& x, int64_t parts, int axis = 0);

// The lower and the upper triangle of each matrix of x [..., m, n]; the rest
// becomes 0. Element (i, j) is in the lower one if j - i <= diagonal and in the
// upper one if j - i >= diagonal.
Tensor Tril(const Tensor& x, int64_t diagonal = 0);
Tensor Triu(const Tensor& x, int64_t diagonal = 0);

}  // namespace adjoint

#endif  // ADJOINT_FRAMEWORK_OPS_SHAPE_H_
