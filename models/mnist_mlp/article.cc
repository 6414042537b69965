#include "models/mnist_mlp/article.h"

#include <cmath>
#include <vector>

namespace adjoint::models {
namespace {

// Softmax with a rule that ignores how each output depends on the other logits.
Tensor DiagonalSoftmax(const Tensor& logits) {
  return CustomVjp([](auto xs) { return Softmax(xs[0]); },
                   [](const Tensor& dy, const Tensor& y, auto) {
                     return std::vector<Tensor>{dy * y * (1 - y)};
                   },
                   {logits});
}

Tensor LossOf(const Tensor& outputs, const Tensor& labels) {
  const Tensor targets = OneHot(labels, outputs.shape()[-1], outputs.dtype());
  return MeanSquaredError(outputs, targets);
}

// Examples order[begin] to order[end - 1] of those for training and, counted on
// behind them, those for testing.
data::LabeledImages Pick(const data::MnistFiles& files,
                         const std::vector<int64_t>& order, int64_t begin,
                         int64_t end) {
  const data::LabeledImages &train = files.train, &test = files.test;
  const int64_t size = train.rows * train.cols;
  data::LabeledImages to = {.count = end - begin,
                            .rows = train.rows,
                            .cols = train.cols,
                            .classes = train.classes};
  to.pixels.reserve(to.count * size);
  to.labels.reserve(to.count);
  for (int64_t i = begin; i < end; ++i) {
    const bool in_train = order[i] < train.count;
    const data::LabeledImages& from = in_train ? train : test;
    const int64_t row = in_train ? order[i] : order[i] - train.count;
    const auto image = from.pixels.begin() + row * size;
    to.pixels.insert(to.pixels.end(), image, image + size);
    to.labels.push_back(from.labels[row]);
  }
  return to;
}

}  // namespace

MlpOptions ArticleOptions() {
  return {.activation = "sigmoid",
          .linear = {.bias = false,
                     .weight_init = [](const Shape& w, DType dtype, Rng& rng) {
                       const double fan_out = static_cast<double>(w[0]);
                       return RandomNormal(w, 0, 1 / std::sqrt(fan_out), rng,
                                           dtype);
                     }}};
}

Tensor ArticleLoss(const Tensor& logits, const Tensor& labels) {
  return LossOf(Softmax(logits), labels);
}

Tensor ArticleDiagonalLoss(const Tensor& logits, const Tensor& labels) {
  return LossOf(DiagonalSoftmax(logits), labels);
}

data::Mnist ArticleSplit(const data::MnistFiles& files, uint64_t seed) {
  const int64_t count = files.train.count + files.test.count;
  const std::vector<int64_t> order = Rng(seed).Split().Permutation(count);
  const int64_t train = count * 85 / 100;
  return {data::ImageDataset(Pick(files, order, 0, train)),
          data::ImageDataset(Pick(files, order, train, count))};
}

}  // namespace adjoint::models
