#include "framework/ops/statistics.h"

#include <cstdint>
#include <limits>

#include "absl/strings/str_cat.h"
#include "framework/core/op.h"
#include "framework/ops/arithmetic.h"
#include "framework/ops/elementwise.h"
#include "framework/ops/select.h"
#include "framework/ops/shape.h"

namespace adjoint {
namespace {

// The largest finite number of a float dtype.
double Largest(DType dtype) {
  return VisitFloat(dtype, [](auto zero) -> double {
    return std::numeric_limits<decltype(zero)>::max();
  });
}

// All elements along one axis.
Tensor Flat(const Tensor& x) { return Reshape(x, Shape({x.size()})); }

}  // namespace

Tensor LogSumExp(const Tensor& x) { return LogSumExp(Flat(x), {0}); }

Tensor LogSumExp(const Tensor& x, absl::Span<const int> axes,
                 ReduceOptions options) {
  if (x.size() == 0) return Log(Sum(x, axes, options));
  // Whatever is subtracted and added again, the function is the same and so are
  // its derivatives: it can be a constant. Made finite, for inf - inf is NaN.
  const Tensor max = Max(x.Detach(), axes, {.keepdims = true});
  const double bound = Largest(x.dtype());
  const Tensor shift = Clamp(max, -bound, bound);
  const Tensor y = Log(Sum(Exp(x - shift), axes, options));
  return y + Reshape(shift, y.shape());
}

Tensor Variance(const Tensor& x) { return Variance(Flat(x), {0}); }

Tensor Variance(const Tensor& x, absl::Span<const int> axes,
                VarianceOptions options) {
  const Tensor mean = Mean(x, axes, {.keepdims = true});
  Tensor sum = Sum(Square(x - mean), axes, {.keepdims = options.keepdims});
  if (sum.size() == 0) return sum;
  const int64_t n = x.size() / sum.size();
  if (n <= options.correction) {
    throw ShapeError(
        Explain("variance",
                absl::StrCat("needs more than ", options.correction,
                             " elements, not ", n),
                {&x}));
  }
  return sum * (1. / static_cast<double>(n - options.correction));
}

}  // namespace adjoint
