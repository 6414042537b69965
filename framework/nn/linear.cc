#include "framework/nn/linear.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "framework/base/error.h"
#include "framework/ops/matmul.h"

namespace adjoint::nn {

Linear::Linear(int64_t in, int64_t out, Rng& rng,
               const LinearOptions& options) {
  if (in < 1 || out < 1) {
    throw ShapeError(
        absl::StrCat("Linear: sizes must be >= 1: in ", in, ", out ", out));
  }
  const double bound = 1 / std::sqrt(static_cast<double>(in));
  const auto draw = [&](const init::Initializer& chosen, const Shape& shape) {
    const init::Initializer& f = chosen ? chosen : init::Uniform(-bound, bound);
    return Parameter(f(shape, options.dtype, rng));
  };
  weight_ = draw(options.weight_init, {out, in});
  if (options.bias) bias_ = draw(options.bias_init, {out});
}

void Linear::Visit(Visitor& visit) const {
  visit("weight", weight_);
  visit("bias", bias_);
}

Tensor Linear::Forward(const Tensor& x, const Pass&) const {
  return bias_.defined() ? adjoint::Linear(x, weight_, bias_)
                         : adjoint::Linear(x, weight_);
}

}  // namespace adjoint::nn
