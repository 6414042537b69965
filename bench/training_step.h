// The training steps that are measured: a model, one batch of random data made
// once, and plain gradient descent. The peers in bench/peers do the same.
#ifndef ADJOINT_BENCH_TRAINING_STEP_H_
#define ADJOINT_BENCH_TRAINING_STEP_H_

#include <cstdint>

#include "absl/strings/string_view.h"
#include "framework/adjoint.h"

namespace adjoint {

class TrainingStep {
 public:
  // `model` is one of
  //
  //   mlp    784-128-64-10, relu: 109,386 parameters
  //   lenet  LeNet-5 as models/mnist_lenet has it: 61,706
  //   cnn    the network of PyTorch's MNIST example, two 3x3 convolutions of
  //          32 and 64 channels, dropout, 9216-128-10: 1,199,882
  //
  // Throws ValueError for any other.
  TrainingStep(absl::string_view model, int64_t batch_size);

  // Forward, softmax cross entropy, gradient and update.
  void Run();

  // The loss on the batch, as training sees it.
  double Loss();

  const nn::Sequential& model() const { return model_; }

 private:
  Tensor Evaluate();

  Rng rng_;
  nn::Sequential model_;
  data::Batch batch_;
  optim::Sgd sgd_;
};

}  // namespace adjoint

#endif  // ADJOINT_BENCH_TRAINING_STEP_H_
