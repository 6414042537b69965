// A table of learned vectors.
#ifndef ADJOINT_FRAMEWORK_NN_EMBEDDING_H_
#define ADJOINT_FRAMEWORK_NN_EMBEDDING_H_

#include <cstdint>
#include <string>

#include "framework/nn/init.h"
#include "framework/nn/module.h"

namespace adjoint::nn {

struct EmbeddingOptions {
  DType dtype = DType::kF32;
  // Null means PyTorch's default, the standard normal distribution.
  init::Initializer weight_init = nullptr;
};

// Row x of the weight for each index: x, i32 [...] -> [..., dim].
// Parameter: weight [count,dim].
class Embedding final : public Layer {
 public:
  // Throws ShapeError unless count >= 1 and dim >= 1.
  Embedding(int64_t count, int64_t dim, Rng& rng,
            const EmbeddingOptions& options = {});

  const Parameter& weight() const { return weight_; }

  void Visit(Visitor& visit) const override;
  std::string Kind() const override { return "Embedding"; }

  // Throws ValueError for an index that is not in [0, count), DTypeError unless
  // x is i32.
  Tensor Forward(const Tensor& x, const Pass& pass) const override;

 private:
  Parameter weight_;
};

}  // namespace adjoint::nn

#endif  // ADJOINT_FRAMEWORK_NN_EMBEDDING_H_
