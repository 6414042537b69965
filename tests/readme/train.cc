#include <cstdio>
#include <utility>

#include "framework/adjoint.h"

namespace ad = adjoint;

int main() {
  const ad::data::Mnist mnist =
      ad::data::LoadMnist("models/data/mnist").value();
  ad::Rng rng(42);
  ad::nn::Sequential model(ad::nn::Linear(784, 128, rng), ad::nn::Relu(),
                           ad::nn::Linear(128, 10, rng));
  ad::optim::Sgd sgd({.learning_rate = 0.1, .momentum = 0.9});
  for (const ad::data::Batch& batch :
       ad::data::Batches(mnist.train, {.size = 128, .seed = 42}).Epoch(0)) {
    ad::Tensor loss = ad::SoftmaxCrossEntropy(
        model(batch.x, {.training = true, .rng = &rng}), batch.y);
    sgd.Step(model, ad::Grad(std::move(loss), model));
  }
  const double accuracy = ad::train::Evaluate(model, mnist.test).accuracy();
  std::printf("test accuracy %.1f %%\n", 100 * accuracy);
  return accuracy > 0.93 ? 0 : 1;
}
