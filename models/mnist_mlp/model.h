// A multi-layer perceptron for images of ten classes.
#ifndef ADJOINT_MODELS_MNIST_MLP_MODEL_H_
#define ADJOINT_MODELS_MNIST_MLP_MODEL_H_

#include <cstdint>
#include <string>
#include <vector>

#include "framework/adjoint.h"

namespace adjoint::models {

// relu, sigmoid or tanh between fully connected layers of the given sizes:
// x [n, inputs] -> logits [n, 10].
struct MlpOptions {
  int64_t inputs = 784;
  std::vector<int64_t> hidden = {128, 64};
  std::string activation = "relu";  // Or "sigmoid", "tanh".
  nn::LinearOptions linear = {};
};

nn::Sequential MakeMlp(const MlpOptions& options, Rng& rng);

}  // namespace adjoint::models

#endif  // ADJOINT_MODELS_MNIST_MLP_MODEL_H_
