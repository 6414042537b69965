// A layer beside the identity.
#ifndef ADJOINT_FRAMEWORK_NN_RESIDUAL_H_
#define ADJOINT_FRAMEWORK_NN_RESIDUAL_H_

#include <concepts>
#include <memory>
#include <string>
#include <utility>

#include "framework/nn/module.h"

namespace adjoint::nn {

// y = x + f(x) for a layer f that keeps the shape. (He, Zhang, Ren and Sun
// 2016.) The part is named "layer".
//
//   Residual block(Sequential(LayerNorm(64), Linear(64, 64, rng), Gelu()));
//
// As C++ has it, Residual(Residual(f)) is a move and not x + (x + f(x)).
class Residual final : public Layer {
 public:
  template <std::derived_from<Layer> L>
  explicit Residual(L layer) : layer_(std::make_unique<L>(std::move(layer))) {}
  Residual(Residual&&) = default;
  Residual& operator=(Residual&&) = default;

  void Visit(Visitor& visit) const override;
  std::string Kind() const override { return "Residual"; }

  // Throws ShapeError if f(x) is not of the shape of x.
  Tensor Forward(const Tensor& x, const Pass& pass) const override;

 private:
  std::unique_ptr<Layer> layer_;
};

}  // namespace adjoint::nn

#endif  // ADJOINT_FRAMEWORK_NN_RESIDUAL_H_
