// The perceptron with its data, for programs and tests.
#ifndef ADJOINT_MODELS_MNIST_MLP_PROGRAM_H_
#define ADJOINT_MODELS_MNIST_MLP_PROGRAM_H_

#include <memory>

#include "absl/status/statusor.h"
#include "framework/adjoint.h"
#include "models/mnist_mlp/model.h"

namespace adjoint::models {

struct MnistMlpOptions {
  MlpOptions mlp;
  train::LossFunction loss = train::ClassificationLoss;
  // Mixes both sets and splits them 85 to 15, as the tutorial does.
  bool article_split = false;
};

// On MNIST or on a set in its format.
absl::StatusOr<std::unique_ptr<train::Task>> MakeMnistMlp(
    MnistMlpOptions mlp, const train::TaskOptions& options);

}  // namespace adjoint::models

#endif  // ADJOINT_MODELS_MNIST_MLP_PROGRAM_H_
