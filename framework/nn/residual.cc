#include "framework/nn/residual.h"

#include "absl/strings/str_cat.h"
#include "framework/base/error.h"
#include "framework/ops/arithmetic.h"

namespace adjoint::nn {

void Residual::Visit(Visitor& visit) const { visit("layer", *layer_); }

Tensor Residual::Forward(const Tensor& x, const Pass& pass) const {
  const Tensor y = (*layer_)(x, pass);
  // Add alone would let them broadcast.
  if (y.shape() != x.shape()) {
    throw ShapeError(WithPath(
        absl::StrCat("Residual: the layer changes the shape: ", Signature(x),
                     " -> ", Signature(y))));
  }
  return x + y;
}

}  // namespace adjoint::nn
