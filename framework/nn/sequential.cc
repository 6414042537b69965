#include "framework/nn/sequential.h"

#include "absl/strings/str_cat.h"

namespace adjoint::nn {

void Sequential::Visit(Visitor& visit) const {
  for (size_t i = 0; i < layers_.size(); ++i) {
    visit(absl::StrCat(i), *layers_[i]);
  }
}

Tensor Sequential::Forward(const Tensor& x, const Pass& pass) const {
  Tensor y = x;
  for (const std::unique_ptr<Layer>& layer : layers_) y = (*layer)(y, pass);
  return y;
}

}  // namespace adjoint::nn
