#include "models/mnist_mlp/model.h"

namespace adjoint::models {

nn::Sequential MakeMlp(const MlpOptions& options, Rng& rng) {
  nn::Sequential mlp;
  int64_t in = options.inputs;
  for (int64_t out : options.hidden) {
    mlp.Add(nn::Linear(in, out, rng, options.linear));
    if (options.activation == "sigmoid") {
      mlp.Add(nn::Sigmoid());
    } else if (options.activation == "tanh") {
      mlp.Add(nn::Tanh());
    } else {
      mlp.Add(nn::Relu());
    }
    in = out;
  }
  mlp.Add(nn::Linear(in, 10, rng, options.linear));
  return mlp;
}

}  // namespace adjoint::models
