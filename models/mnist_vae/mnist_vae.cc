// Handwritten digits that nobody wrote, by a variational autoencoder.

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "framework/adjoint.h"
#include "models/mnist_vae/vae.h"

namespace adjoint::models {
namespace {

class MnistVae final : public train::Task {
 public:
  MnistVae(data::Mnist mnist, const VaeOptions& options, Rng rng)
      : mnist_(std::move(mnist)), options_(options), vae_(options, rng) {}

  const nn::Module& model() const override { return vae_; }
  const data::Dataset& train_data() const override { return mnist_.train; }
  const data::Dataset& test_data() const override { return mnist_.test; }

  // Minus the evidence lower bound in nats an image. Its expectation over codes
  // is estimated by one draw an image, in evaluation too.
  train::Outcome Evaluate(const data::Batch& batch,
                          const nn::Pass& pass) const override {
    const Normal posterior = vae_.Encode(batch.x);
    const Tensor logits = vae_.Decode(Draw(posterior, *pass.rng));
    // The sum over the pixels of an image, not their mean.
    const Tensor reconstruction =
        BinaryCrossEntropyWithLogits(logits, batch.x) *
        static_cast<double>(options_.pixels);
    const Tensor kl = Divergence(posterior);
    return {.loss = reconstruction + kl,
            .output = logits,
            .parts = {{"reconstruction", reconstruction}, {"kl", kl}}};
  }

  std::vector<train::Metric> metrics() const override {
    return {{.name = "elbo",
             .unit = "nats",
             .value = [](const train::Metrics& m) { return -m.loss(); },
             .higher_is_better = true}};
  }

  absl::StatusOr<std::string> Show(const std::string& run_dir) const override {
    const std::string reconstructions = run_dir + "/reconstructions.png";
    const std::string samples = run_dir + "/samples.png";
    for (const auto& [path, images] :
         {std::pair(reconstructions, Reconstructions(/*pairs_of_rows=*/4)),
          std::pair(samples, Samples(/*n=*/64))}) {
      const absl::Status status = io::WritePng(path, Grid(images));
      if (!status.ok()) return status;
    }
    return absl::StrFormat(
        "pictures %s (test images above what became of them)\n"
        "         %s (decoded from random codes)\n",
        reconstructions, samples);
  }

  std::map<std::string, std::string> captions() const override {
    return {{"reconstructions.png",
             "Test images and what became of them. Each row of images is above "
             "the row of the same ones, encoded and decoded."},
            {"samples.png",
             "Digits that nobody wrote. Decoded from random codes."}};
  }

 private:
  static constexpr int64_t kColumns = 8;

  // Rows of test images, each above the row of the same images decoded from
  // the means of their codes.
  Tensor Reconstructions(int64_t pairs_of_rows) const {
    NoGrad no_grad;
    std::vector<Tensor> rows;
    for (int64_t i = 0; i < pairs_of_rows; ++i) {
      std::vector<int64_t> images;
      for (int64_t j = 0; j < kColumns; ++j) {
        images.push_back((i * kColumns + j) % mnist_.test.size());
      }
      const Tensor x = mnist_.test.Gather(images).x;
      rows.push_back(x);
      rows.push_back(Sigmoid(vae_.Decode(vae_.Encode(x).mean)));
    }
    return Concat(rows);
  }

  // The same codes whatever was learnt: runs can be compared by eye.
  Tensor Samples(int64_t n) const {
    NoGrad no_grad;
    Rng rng(0);
    const Tensor z =
        RandomNormal({n, options_.code}, 0, 1, rng, options_.dtype);
    return Sigmoid(vae_.Decode(z));
  }

  // images [n, pixels].
  io::Picture Grid(const Tensor& images) const {
    return io::Grid(
        Reshape(images, {-1, mnist_.test.rows(), mnist_.test.cols()}),
        {.columns = kColumns, .zoom = 2});
  }

  data::Mnist mnist_;
  VaeOptions options_;
  Vae vae_;
};

// Black and white images of four by four at random, for proofs.
data::MnistFiles TinyFiles(uint64_t seed) {
  Rng rng(seed);
  data::LabeledImages images = {.count = 12, .rows = 4, .cols = 4};
  for (int i = 0; i < 12 * 16; ++i) {
    images.pixels.push_back(255 * rng.NextBelow(2));
  }
  images.labels.resize(12);
  return {images, images};
}

absl::StatusOr<data::MnistFiles> Read(const train::TaskOptions& options) {
  if (options.tiny) return TinyFiles(options.seed);
  const absl::StatusOr<std::string> directory =
      train::DataDirOr(options.data_dir, "mnist");
  if (!directory.ok()) return directory.status();
  return data::ReadMnist(*directory);
}

const bool kListed = train::List(
    {.name = "mnist_vae",
     .doc = "A variational autoencoder that draws digits, with pictures",
     .recipe = {.epochs = 10,
                .batch_size = 128,
                .optimizer = "adam",
                .learning_rate = 0.001},
     .make = [](const train::TaskOptions& options)
         -> absl::StatusOr<std::unique_ptr<train::Task>> {
       absl::StatusOr<data::MnistFiles> files = Read(options);
       if (!files.ok()) return files.status();
       const data::ImageOptions images = {.dtype = options.dtype};
       data::Mnist mnist = {data::ImageDataset(std::move(files->train), images),
                            data::ImageDataset(std::move(files->test), images)};
       VaeOptions vae = {.pixels = mnist.train.rows() * mnist.train.cols(),
                         .dtype = options.dtype};
       if (options.tiny) {
         vae.hidden = 24;
         vae.code = 3;
       }
       return std::make_unique<MnistVae>(std::move(mnist), vae,
                                         Rng(options.seed));
     },
     // No model of eight images that are equally likely does better than
     // log(8) = 2.08 nats; an image of 16 fair coins has 11.
     .overfit_loss = 5});

}  // namespace
}  // namespace adjoint::models
