// Sums, means and maxima over axes.
//
//   Sum(x)                            // [2,3] -> []
//   Sum(x, {0})                       // [2,3] -> [3]
//   Max(x, {-1}, {.keepdims = true})  // [2,3] -> [2,1]
//
// `axes` name each axis at most once and count from the end if negative; no
// axis means the tensor itself. ShapeError otherwise.
#ifndef ADJOINT_FRAMEWORK_OPS_REDUCE_H_
#define ADJOINT_FRAMEWORK_OPS_REDUCE_H_

#include "absl/types/span.h"
#include "framework/core/tensor.h"

namespace adjoint {

struct ReduceOptions {
  bool keepdims = false;  // Whether a reduced axis stays, with extent 1.
};

// The sum of all elements, [] ; or over `axes`. Zero over no elements.
Tensor Sum(const Tensor& x);
Tensor Sum(const Tensor& x, absl::Span<const int> axes,
           ReduceOptions options = {});

// The mean, likewise. Throws ShapeError over no elements.
Tensor Mean(const Tensor& x);
Tensor Mean(const Tensor& x, absl::Span<const int> axes,
            ReduceOptions options = {});

// The maximum, likewise; NaN if there is one. Throws ShapeError over no
// elements. Where several elements are the maximum, the gradient is shared
// among them equally.
Tensor Max(const Tensor& x);
Tensor Max(const Tensor& x, absl::Span<const int> axes,
           ReduceOptions options = {});

// Sums `x` over the axes along which `shape` broadcasts to x's shape:
// the adjoint of BroadcastTo. Throws ShapeError if it does not broadcast.
Tensor SumTo(const Tensor& x, const Shape& shape);

}  // namespace adjoint

#endif  // ADJOINT_FRAMEWORK_OPS_REDUCE_H_
