#include "framework/nn/embedding.h"

#include "absl/strings/str_cat.h"
#include "framework/base/error.h"
#include "framework/ops/index.h"

namespace adjoint::nn {

Embedding::Embedding(int64_t count, int64_t dim, Rng& rng,
                     const EmbeddingOptions& options) {
  if (count < 1 || dim < 1) {
    throw ShapeError(absl::StrCat("Embedding: sizes must be >= 1: count ",
                                  count, ", dim ", dim));
  }
  const init::Initializer draw =
      options.weight_init ? options.weight_init : init::Normal(0, 1);
  weight_ = Parameter(draw({count, dim}, options.dtype, rng));
}

void Embedding::Visit(Visitor& visit) const { visit("weight", weight_); }

Tensor Embedding::Forward(const Tensor& x, const Pass&) const {
  return Gather(weight_, x);
}

}  // namespace adjoint::nn
