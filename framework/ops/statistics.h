// Statistics over axes, made of the reductions and with their rules for `axes`
// (reduce.h). Without axes they are over all elements. x is f32 or f64.
#ifndef ADJOINT_FRAMEWORK_OPS_STATISTICS_H_
#define ADJOINT_FRAMEWORK_OPS_STATISTICS_H_

#include "absl/types/span.h"
#include "framework/core/tensor.h"
#include "framework/ops/reduce.h"

namespace adjoint {

// log(sum of e^x), without overflow; the gradient is the softmax of x. inf if
// there is an inf and -inf over nothing but -inf, both with a gradient of NaN;
// -inf over no elements.
Tensor LogSumExp(const Tensor& x);
Tensor LogSumExp(const Tensor& x, absl::Span<const int> axes,
                 ReduceOptions options = {});

struct VarianceOptions {
  bool keepdims = false;  // As in ReduceOptions.
  // What is subtracted from the number of elements n before the sum of squares
  // is divided by it: 1 for a sample, whose mean is an estimate (Bessel's
  // correction), 0 for a whole population.
  int correction = 1;
};

// (sum of (x - mean)^2) / (n - correction), in two passes, for the difference
// of mean squares cancels. Throws ShapeError unless n > correction.
Tensor Variance(const Tensor& x);
Tensor Variance(const Tensor& x, absl::Span<const int> axes,
                VarianceOptions options = {});

}  // namespace adjoint

#endif  // ADJOINT_FRAMEWORK_OPS_STATISTICS_H_
