// Convolutional networks for handwritten digits.
#ifndef ADJOINT_MODELS_MNIST_LENET_LENET_H_
#define ADJOINT_MODELS_MNIST_LENET_LENET_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "framework/adjoint.h"

namespace adjoint::models {

enum class LenetVariant {
  kClassic,  // LeNet-5, with relu and maxima in place of tanh and averages.
  kModern,   // Two pairs of 3x3 convolutions, with batch norm and dropout.
};

// x [n, 1, side, side] -> logits [n, 10]. `side` is at least 12 and divisible
// by 4. `width` scales the number of channels: that of the first layer.
nn::Sequential MakeLenet5(int64_t side, int64_t width, DType dtype, Rng& rng);
nn::Sequential MakeModernLenet(int64_t side, int64_t width, DType dtype,
                               Rng& rng);

// What suits each.
train::Recipe LenetRecipe(LenetVariant variant);

struct LenetOptions {
  LenetVariant variant = LenetVariant::kClassic;
  // Whether the training images are shifted, turned, scaled and bent, anew in
  // every epoch.
  bool augment = false;
};

// The network with MNIST, or a set in its format.
absl::StatusOr<std::unique_ptr<train::Task>> MakeMnistLenet(
    const LenetOptions& lenet, const train::TaskOptions& options);

}  // namespace adjoint::models

#endif  // ADJOINT_MODELS_MNIST_LENET_LENET_H_
