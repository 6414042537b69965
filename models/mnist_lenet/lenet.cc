#include "models/mnist_lenet/lenet.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

namespace adjoint::models {
namespace {

// Of all pixels of MNIST's training images, on a scale from 0 to 1.
constexpr double kMean = 0.1307, kStddev = 0.3081;

// Images of 12 by 12 at random, for proofs.
data::LabeledImages TinyImages(Rng rng) {
  data::LabeledImages images = {.count = 12, .rows = 12, .cols = 12};
  for (int i = 0; i < 12 * 144; ++i)
    images.pixels.push_back(rng.NextBelow(256));
  for (int i = 0; i < 12; ++i) images.labels.push_back(rng.NextBelow(10));
  return images;
}

absl::StatusOr<data::Mnist> LoadData(const train::TaskOptions& options) {
  const data::ImageOptions images = {.scale = 1 / (255 * kStddev),
                                     .offset = -kMean / kStddev,
                                     .flat = false,
                                     .dtype = options.dtype};
  if (options.tiny) {
    Rng rng(options.seed);
    return data::Mnist{data::ImageDataset(TinyImages(rng.Split()), images),
                       data::ImageDataset(TinyImages(rng.Split()), images)};
  }
  const absl::StatusOr<std::string> directory =
      train::DataDirOr(options.data_dir, "mnist");
  if (!directory.ok()) return directory.status();
  return data::LoadMnist(*directory, images);
}

// No more than two people's hands differ by: elastic moves a pixel by 0.3 in
// the root mean square.
constexpr data::AugmentOptions kAugment = {
    .shift = 1, .rotate = 7, .scale = 0.07, .elastic = 8};

const bool kListed = train::List(
    {.name = "mnist_lenet",
     .doc = "LeNet-5, or a modern convolutional network, for digits",
     .recipe = LenetRecipe(LenetVariant::kClassic),
     .make = [](const train::TaskOptions& options) {
       return MakeMnistLenet({}, options);
     }});

}  // namespace

nn::Sequential MakeLenet5(int64_t side, int64_t width, DType dtype, Rng& rng) {
  const int64_t end = (side / 2 - 4) / 2;  // The side after both poolings.
  const nn::LinearOptions linear = {.dtype = dtype};
  return nn::Sequential(
      nn::Conv2d(1, width, 5, rng, {.padding = 2, .dtype = dtype}), nn::Relu(),
      nn::MaxPool2d({.kernel = 2}),
      nn::Conv2d(width, 8 * width / 3, 5, rng, {.dtype = dtype}), nn::Relu(),
      nn::MaxPool2d({.kernel = 2}), nn::Flatten(),
      nn::Linear(8 * width / 3 * end * end, 20 * width, rng, linear),
      nn::Relu(), nn::Linear(20 * width, 14 * width, rng, linear), nn::Relu(),
      nn::Linear(14 * width, 10, rng, linear));
}

nn::Sequential MakeModernLenet(int64_t side, int64_t width, DType dtype,
                               Rng& rng) {
  nn::Sequential model;
  int64_t in = 1;
  for (const int64_t out : {width, 2 * width}) {
    for (const int64_t from : {in, out}) {
      // Batch norm has a shift of its own.
      model.Add(nn::Conv2d(from, out, 3, rng,
                           {.padding = 1, .bias = false, .dtype = dtype}));
      model.Add(nn::BatchNorm(out, {.dtype = dtype}));
      model.Add(nn::Relu());
    }
    model.Add(nn::MaxPool2d({.kernel = 2}));
    model.Add(nn::Dropout(0.25));
    in = out;
  }
  model.Add(nn::Flatten());
  model.Add(nn::Linear(in * (side / 4) * (side / 4), 8 * width, rng,
                       {.dtype = dtype}));
  model.Add(nn::Relu());
  model.Add(nn::Dropout(0.5));
  model.Add(nn::Linear(8 * width, 10, rng, {.dtype = dtype}));
  return model;
}

train::Recipe LenetRecipe(LenetVariant variant) {
  return {.epochs = variant == LenetVariant::kModern ? 8 : 10,
          .batch_size = 64,
          .optimizer = "adam",
          .learning_rate = 0.002};
}

absl::StatusOr<std::unique_ptr<train::Task>> MakeMnistLenet(
    const LenetOptions& lenet, const train::TaskOptions& options) {
  absl::StatusOr<data::Mnist> mnist = LoadData(options);
  if (!mnist.ok()) return mnist.status();
  const int64_t side = mnist->train.rows();
  if (side != mnist->train.cols() || side < 12 || side % 4 != 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        "images of ", side, "x", mnist->train.cols(),
        " do not suit mnist_lenet, which takes squares of at least 12x12 whose "
        "side is divisible by 4"));
  }
  Rng rng(options.seed);
  const bool modern = lenet.variant == LenetVariant::kModern;
  const int64_t width = options.tiny ? 3 : modern ? 16 : 6;
  auto model = std::make_unique<nn::Sequential>(
      modern ? MakeModernLenet(side, width, options.dtype, rng)
             : MakeLenet5(side, width, options.dtype, rng));
  std::unique_ptr<data::Dataset> train =
      std::make_unique<data::ImageDataset>(std::move(mnist->train));
  if (lenet.augment) {
    data::AugmentOptions augment = kAugment;
    augment.seed = options.seed;
    train = std::make_unique<data::Augment>(std::move(train), augment);
  }
  return std::make_unique<train::SupervisedTask>(
      std::move(model), std::move(train),
      std::make_unique<data::ImageDataset>(std::move(mnist->test)));
}

}  // namespace adjoint::models
