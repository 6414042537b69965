#include "models/mnist_mlp/article.h"

#include <algorithm>
#include <cmath>
#include <utility>
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

// Images `order[begin]` to `order[end - 1]` of `from`.
data::LabeledImages Pick(const data::LabeledImages& from,
                         const std::vector<int64_t>& order, int64_t begin,
                         int64_t end) {
  const int64_t size = from.rows * from.cols;
  data::LabeledImages to = {.count = end - begin,
                            .rows = from.rows,
                            .cols = from.cols,
                            .classes = from.classes};
  for (int64_t i = begin; i < end; ++i) {
    const auto image = from.pixels.begin() + order[i] * size;
    to.pixels.insert(to.pixels.end(), image, image + size);
    to.labels.push_back(from.labels[order[i]]);
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

data::Mnist ArticleSplit(data::MnistFiles files, uint64_t seed) {
  data::LabeledImages& all = files.train;
  all.pixels.insert(all.pixels.end(), files.test.pixels.begin(),
                    files.test.pixels.end());
  all.labels.insert(all.labels.end(), files.test.labels.begin(),
                    files.test.labels.end());
  all.count += files.test.count;
  const std::vector<int64_t> order = Rng(seed).Split().Permutation(all.count);
  const int64_t train = all.count * 85 / 100;
  return {data::ImageDataset(Pick(all, order, 0, train)),
          data::ImageDataset(Pick(all, order, train, all.count))};
}

}  // namespace adjoint::models
