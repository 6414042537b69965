// The network of the tutorial that the project grew from, which builds it in
// NumPy: sigmoid units, no biases, one image a step, and the squared error of
// the softmax against the one-hot label.
#ifndef ADJOINT_MODELS_MNIST_MLP_ARTICLE_H_
#define ADJOINT_MODELS_MNIST_MLP_ARTICLE_H_

#include <cstdint>

#include "framework/adjoint.h"
#include "models/mnist_mlp/model.h"

namespace adjoint::models {

// No biases, weights N(0, 1 / fan_out), sigmoid.
MlpOptions ArticleOptions();

// The mean over the ten outputs o = softmax(logits) of (o - t)^2, t the one-hot
// label: its gradient by o is the tutorial's 2 (o - t) / 10.
Tensor ArticleLoss(const Tensor& logits, const Tensor& labels);

// The same loss with the tutorial's own backward rule, which keeps only the
// diagonal of the softmax's Jacobian diag(o) - o o': do -> do o (1 - o). Not
// the gradient of anything, yet it learns.
Tensor ArticleDiagonalLoss(const Tensor& logits, const Tensor& labels);

// All images of both sets in random order, split 85 to 15.
data::Mnist ArticleSplit(const data::MnistFiles& files, uint64_t seed);

}  // namespace adjoint::models

#endif  // ADJOINT_MODELS_MNIST_MLP_ARTICLE_H_
