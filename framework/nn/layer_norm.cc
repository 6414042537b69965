#include "framework/nn/layer_norm.h"

#include "absl/strings/str_cat.h"
#include "framework/base/error.h"
#include "framework/ops/norm.h"

namespace adjoint::nn {

LayerNorm::LayerNorm(int64_t features, const LayerNormOptions& options)
    : LayerNorm(Shape({features}), options) {}

LayerNorm::LayerNorm(const Shape& features, const LayerNormOptions& options)
    : epsilon_(options.epsilon) {
  if (features.rank() == 0 || features.size() == 0) {
    throw ShapeError(absl::StrCat("LayerNorm: features must be >= 1: ",
                                  features.ToString()));
  }
  if (!(epsilon_ >= 0)) {
    throw ValueError(
        absl::StrCat("LayerNorm: epsilon must be >= 0: ", epsilon_));
  }
  ones_ = Ones(features, options.dtype);
  zeros_ = Zeros(features, options.dtype);
  if (options.affine) {
    weight_ = Parameter(ones_);
    bias_ = Parameter(zeros_);
  }
}

void LayerNorm::Visit(Visitor& visit) const {
  visit("weight", weight_);
  visit("bias", bias_);
}

Tensor LayerNorm::Forward(const Tensor& x, const Pass&) const {
  return adjoint::LayerNorm(x, weight_.defined() ? weight_.value() : ones_,
                            bias_.defined() ? bias_.value() : zeros_, epsilon_);
}

}  // namespace adjoint::nn
