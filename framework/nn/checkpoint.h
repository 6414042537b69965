// A layer that is computed again in backward.
#ifndef ADJOINT_FRAMEWORK_NN_CHECKPOINT_H_
#define ADJOINT_FRAMEWORK_NN_CHECKPOINT_H_

#include <concepts>
#include <memory>
#include <string>
#include <utility>

#include "framework/nn/module.h"

namespace adjoint::nn {

// The layer inside, of whose forward pass the graph keeps the input alone:
// backward runs it once more to learn the rest (adjoint::Checkpoint). About a
// third more time, for a memory that no longer grows with what is inside.
//
//   Sequential deep;
//   for (int i = 0; i < 48; ++i) deep.Add(Checkpoint(Block(512, rng)));
//
// Nothing else changes: the parameters keep their names, as if this layer were
// not there, and outputs and gradients are the same, bit for bit. The second
// run finds everything as the first one did: the numbers that Pass::rng drew
// and the parameters' values, running statistics included, which it leaves as
// they are by then. For that it sets them for the time of the run, so that no
// other thread may use the layer while it is differentiated.
class Checkpoint final : public Layer {
 public:
  template <std::derived_from<Layer> L>
  explicit Checkpoint(L layer)
      : layer_(std::make_shared<const L>(std::move(layer))) {}

  void Visit(Visitor& visit) const override;
  std::string Kind() const override;
  // Throws ValueError while recording if the layer reads a tensor that has a
  // history and is neither x nor one of its parameters.
  Tensor Forward(const Tensor& x, const Pass& pass) const override;

 private:
  std::shared_ptr<const Layer> layer_;  // Shared with the graphs.
};

}  // namespace adjoint::nn

#endif  // ADJOINT_FRAMEWORK_NN_CHECKPOINT_H_
