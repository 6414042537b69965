#include "framework/nn/dropout.h"

#include "absl/strings/str_cat.h"
#include "framework/base/error.h"
#include "framework/core/random.h"
#include "framework/ops/arithmetic.h"

namespace adjoint::nn {

Dropout::Dropout(double p) : p_(p) {
  if (!(p >= 0 && p < 1)) {
    throw ValueError(absl::StrCat("Dropout: p must be in [0, 1): ", p));
  }
}

std::string Dropout::Kind() const { return absl::StrCat("Dropout ", p_); }

Tensor Dropout::Forward(const Tensor& x, const Pass& pass) const {
  if (!pass.training || p_ == 0) return x;
  if (pass.rng == nullptr) {
    throw ValueError(WithPath("Dropout: training needs Pass::rng"));
  }
  return x * (RandomBernoulli(x.shape(), 1 - p_, *pass.rng, x.dtype()) *
              (1 / (1 - p_)));
}

}  // namespace adjoint::nn
