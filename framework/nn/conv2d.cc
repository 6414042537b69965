#include "framework/nn/conv2d.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "framework/base/error.h"

namespace adjoint::nn {

Conv2d::Conv2d(int64_t in, int64_t out, Extent2d kernel, Rng& rng,
               const Conv2dLayerOptions& options)
    : kernel_(kernel),
      options_{.stride = options.stride, .padding = options.padding} {
  if (in < 1 || out < 1 || kernel.h < 1 || kernel.w < 1) {
    throw ShapeError(absl::StrCat("Conv2d: sizes must be >= 1: in ", in,
                                  ", out ", out, ", kernel ",
                                  kernel.ToString()));
  }
  if (options.stride.h < 1 || options.stride.w < 1 || options.padding.h < 0 ||
      options.padding.w < 0) {
    throw ShapeError(absl::StrCat(
        "Conv2d: stride must be >= 1 and padding >= 0: stride ",
        options.stride.ToString(), ", padding ", options.padding.ToString()));
  }
  const Shape shape = {out, in, kernel.h, kernel.w};
  const double bound =
      1 / std::sqrt(static_cast<double>(shape.Without(0).size()));
  const auto draw = [&](const init::Initializer& chosen, const Shape& s) {
    const init::Initializer& f = chosen ? chosen : init::Uniform(-bound, bound);
    return Parameter(f(s, options.dtype, rng));
  };
  weight_ = draw(options.weight_init, shape);
  if (options.bias) bias_ = draw(options.bias_init, {out});
}

void Conv2d::Visit(Visitor& visit) const {
  visit("weight", weight_);
  visit("bias", bias_);
}

std::string Conv2d::Kind() const {
  std::string kind = absl::StrCat("Conv2d ", kernel_.ToString());
  if (!(options_.stride == 1)) {
    absl::StrAppend(&kind, " stride ", options_.stride.ToString());
  }
  return kind;
}

Tensor Conv2d::Forward(const Tensor& x, const Pass&) const {
  return bias_.defined() ? adjoint::Conv2d(x, weight_, bias_, options_)
                         : adjoint::Conv2d(x, weight_, options_);
}

}  // namespace adjoint::nn
