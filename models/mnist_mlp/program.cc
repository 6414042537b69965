#include "models/mnist_mlp/program.h"

#include <string>
#include <utility>

#include "models/mnist_mlp/article.h"

namespace adjoint::models {
namespace {

// Images of four by four at random, for proofs.
data::MnistFiles TinyFiles(uint64_t seed) {
  Rng rng(seed);
  data::LabeledImages images = {.count = 12, .rows = 4, .cols = 4};
  for (int i = 0; i < 12 * 16; ++i) images.pixels.push_back(rng.NextBelow(256));
  for (int i = 0; i < 12; ++i) images.labels.push_back(rng.NextBelow(10));
  return {images, images};
}

absl::StatusOr<data::MnistFiles> Read(const train::TaskOptions& options) {
  if (options.tiny) return TinyFiles(options.seed);
  const absl::StatusOr<std::string> directory =
      train::DataDirOr(options.data_dir, "mnist");
  if (!directory.ok()) return directory.status();
  return data::ReadMnist(*directory);
}

const bool kListed =
    train::List({.name = "mnist_mlp",
                 .doc = "A multi-layer perceptron for handwritten digits",
                 .recipe = {.epochs = 10,
                            .batch_size = 128,
                            .optimizer = "sgd",
                            .learning_rate = 0.1,
                            .momentum = 0.9},
                 .make = [](const train::TaskOptions& options) {
                   return MakeMnistMlp({}, options);
                 }});

}  // namespace

absl::StatusOr<std::unique_ptr<train::Task>> MakeMnistMlp(
    MnistMlpOptions mlp, const train::TaskOptions& options) {
  absl::StatusOr<data::MnistFiles> files = Read(options);
  if (!files.ok()) return files.status();
  const data::ImageOptions images = {.dtype = options.dtype};
  data::Mnist mnist =
      mlp.article_split
          ? ArticleSplit(*files, options.seed)
          : data::Mnist{data::ImageDataset(std::move(files->train), images),
                        data::ImageDataset(std::move(files->test), images)};
  mlp.mlp.inputs = mnist.train.rows() * mnist.train.cols();
  mlp.mlp.linear.dtype = options.dtype;
  Rng rng(options.seed);
  return std::make_unique<train::SupervisedTask>(
      std::make_unique<nn::Sequential>(MakeMlp(mlp.mlp, rng)),
      std::make_unique<data::ImageDataset>(std::move(mnist.train)),
      std::make_unique<data::ImageDataset>(std::move(mnist.test)),
      std::move(mlp.loss));
}

}  // namespace adjoint::models
