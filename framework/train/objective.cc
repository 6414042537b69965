#include "framework/train/objective.h"

#include <utility>

#include "framework/ops/loss.h"

namespace adjoint::train {

Tensor ClassificationLoss(const Tensor& output, const Tensor& target) {
  return SoftmaxCrossEntropy(output, target);
}

Objective Supervised(const nn::Layer& model, LossFunction loss) {
  return [&model, loss = std::move(loss)](const data::Batch& batch,
                                          const nn::Pass& pass) {
    const Tensor output = model(batch.x, pass);
    return Outcome{loss(output, batch.y), output, batch.y};
  };
}

}  // namespace adjoint::train
