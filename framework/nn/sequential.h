// Layers one after the other.
#ifndef ADJOINT_FRAMEWORK_NN_SEQUENTIAL_H_
#define ADJOINT_FRAMEWORK_NN_SEQUENTIAL_H_

#include <concepts>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "framework/nn/module.h"

namespace adjoint::nn {

// Feeds each layer's output to the next. Its parts are named "0", "1", ...
//
//   Sequential mlp(Linear(784, 128, rng), Relu(), Linear(128, 10, rng));
class Sequential final : public Layer {
 public:
  template <std::derived_from<Layer>... Layers>
  explicit Sequential(Layers... layers) {
    (Add(std::move(layers)), ...);
  }
  Sequential(Sequential&&) = default;
  Sequential& operator=(Sequential&&) = default;

  // Puts a layer behind the others.
  template <std::derived_from<Layer> L>
  void Add(L layer) {
    layers_.push_back(std::make_unique<L>(std::move(layer)));
  }

  void Visit(Visitor& visit) const override;
  std::string Kind() const override { return "Sequential"; }
  Tensor Forward(const Tensor& x, const Pass& pass) const override;

 private:
  std::vector<std::unique_ptr<Layer>> layers_;
};

}  // namespace adjoint::nn

#endif  // ADJOINT_FRAMEWORK_NN_SEQUENTIAL_H_
