#include "framework/nn/batch_norm.h"

#include "absl/strings/str_cat.h"
#include "framework/base/error.h"
#include "framework/ops/arithmetic.h"
#include "framework/ops/norm.h"

namespace adjoint::nn {

BatchNorm::BatchNorm(int64_t channels, const BatchNormOptions& options)
    : epsilon_(options.epsilon), momentum_(options.momentum) {
  if (channels < 1) {
    throw ShapeError(
        absl::StrCat("BatchNorm: channels must be >= 1: ", channels));
  }
  if (!(epsilon_ >= 0)) {
    throw ValueError(
        absl::StrCat("BatchNorm: epsilon must be >= 0: ", epsilon_));
  }
  if (!(momentum_ >= 0 && momentum_ <= 1)) {
    throw ValueError(
        absl::StrCat("BatchNorm: momentum must be in [0, 1]: ", momentum_));
  }
  ones_ = Ones({channels}, options.dtype);
  zeros_ = Zeros({channels}, options.dtype);
  if (options.affine) {
    weight_ = Parameter(ones_);
    bias_ = Parameter(zeros_);
  }
  running_mean_ = Parameter(zeros_, {.trainable = false});
  running_var_ = Parameter(ones_, {.trainable = false});
}

void BatchNorm::Visit(Visitor& visit) const {
  visit("weight", weight_);
  visit("bias", bias_);
  visit("running_mean", running_mean_);
  visit("running_var", running_var_);
}

Tensor BatchNorm::Forward(const Tensor& x, const Pass& pass) const {
  const Tensor& weight = weight_.defined() ? weight_.value() : ones_;
  const Tensor& bias = bias_.defined() ? bias_.value() : zeros_;
  if (!pass.training) {
    return adjoint::BatchNorm(x, weight, bias,
                              {.mean = running_mean_, .variance = running_var_},
                              epsilon_);
  }
  // First, for it throws if x does not fit.
  Tensor y = adjoint::BatchNorm(x, weight, bias, epsilon_);
  UpdateRunningStatistics(x);
  return y;
}

void BatchNorm::UpdateRunningStatistics(const Tensor& x) const {
  const int64_t n = x.size() / x.shape()[1];
  if (n < 2) {
    throw ValueError(WithPath(absl::StrCat(
        "BatchNorm: training needs more than one value a channel: ",
        Signature(x))));
  }
  NoGrad no_grad;
  const ChannelStatistics batch = MomentsOfChannels(x);
  const double bessel = static_cast<double>(n) / static_cast<double>(n - 1);
  running_mean_.Set(running_mean_ * (1 - momentum_) + batch.mean * momentum_);
  running_var_.Set(running_var_ * (1 - momentum_) +
                   batch.variance * (bessel * momentum_));
}

}  // namespace adjoint::nn
