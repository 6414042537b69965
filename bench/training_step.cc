#include "bench/training_step.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "models/mnist_lenet/lenet.h"
#include "models/mnist_mlp/model.h"

namespace adjoint {
namespace {

nn::Sequential MakeCnn(Rng& rng) {
  return nn::Sequential(nn::Conv2d(1, 32, 3, rng), nn::Relu(),
                        nn::Conv2d(32, 64, 3, rng), nn::Relu(),
                        nn::MaxPool2d({.kernel = 2}), nn::Dropout(0.25),
                        nn::Flatten(), nn::Linear(64 * 12 * 12, 128, rng),
                        nn::Relu(), nn::Dropout(0.5), nn::Linear(128, 10, rng));
}

nn::Sequential MakeModel(absl::string_view name, Rng& rng) {
  if (name == "mlp") return models::MakeMlp({}, rng);
  if (name == "lenet") return models::MakeLenet5(28, 6, DType::kF32, rng);
  if (name == "cnn") return MakeCnn(rng);
  throw ValueError(absl::StrCat("no model is called ", name));
}

data::Batch MakeBatch(const Shape& shape, Rng& rng) {
  std::vector<int32_t> labels(shape[0]);
  for (int32_t& label : labels) label = static_cast<int32_t>(rng.NextBelow(10));
  return {.x = RandomUniform(shape, 0, 1, rng),
          .y = FromSpan<int32_t>({shape[0]}, labels)};
}

}  // namespace

// A tenth of the rate keeps the convolutional networks finite.
TrainingStep::TrainingStep(absl::string_view model, int64_t batch_size)
    : rng_(1),
      model_(MakeModel(model, rng_)),
      batch_(MakeBatch(model == "mlp" ? Shape{batch_size, 784}
                                      : Shape{batch_size, 1, 28, 28},
                       rng_)),
      sgd_({.learning_rate = model == "mlp" ? 0.1 : 0.01}) {}

Tensor TrainingStep::Evaluate() {
  return SoftmaxCrossEntropy(model_(batch_.x, {.training = true, .rng = &rng_}),
                             batch_.y);
}

void TrainingStep::Run() {
  Tensor loss = Evaluate();
  sgd_.Step(model_, Grad(std::move(loss), model_));
}

double TrainingStep::Loss() { return Evaluate().item(); }

}  // namespace adjoint
