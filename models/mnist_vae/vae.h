// The variational autoencoder (Kingma and Welling 2014).
#ifndef ADJOINT_MODELS_MNIST_VAE_VAE_H_
#define ADJOINT_MODELS_MNIST_VAE_VAE_H_

#include <cstdint>
#include <string>

#include "framework/adjoint.h"

namespace adjoint::models {

struct VaeOptions {
  int64_t pixels = 784;
  int64_t hidden = 400;  // In the encoder, and again in the decoder.
  int64_t code = 20;
  DType dtype = DType::kF32;
};

// A normal distribution with independent coordinates for each image of a batch.
struct Normal {
  Tensor mean, log_variance;  // Each [n, code].
};

// A draw from it, as a function of mean and variance: gradients reach both,
// for the noise is drawn from N(0, 1), which depends on neither.
inline Tensor Draw(const Normal& normal, Rng& rng) {
  const Tensor noise =
      RandomNormal(normal.mean.shape(), 0, 1, rng, normal.mean.dtype());
  return normal.mean + Exp(normal.log_variance / 2) * noise;
}

// Its Kullback-Leibler divergence from N(0, 1) in nats, the mean over the
// batch, []. (Kingma and Welling 2014, appendix B.)
inline Tensor Divergence(const Normal& normal) {
  const auto& [mean, log_variance] = normal;
  const Tensor terms =
      (Square(mean) + Exp(log_variance) - log_variance - 1) / 2;
  return Mean(Sum(terms, {1}));
}

// Two perceptrons with one hidden layer each: from an image to a distribution
// of codes, and from a code to the logits of an image.
class Vae final : public nn::Module {
 public:
  Vae(const VaeOptions& o, Rng& rng)
      : encoder_(o.pixels, o.hidden, rng, {.dtype = o.dtype}),
        mean_(o.hidden, o.code, rng, {.dtype = o.dtype}),
        log_variance_(o.hidden, o.code, rng, {.dtype = o.dtype}),
        decoder_(o.code, o.hidden, rng, {.dtype = o.dtype}),
        pixels_(o.hidden, o.pixels, rng, {.dtype = o.dtype}) {}

  // x [n, pixels], each in [0, 1].
  Normal Encode(const Tensor& x) const {
    nn::ModuleScope scope(*this);
    const Tensor h = Relu(encoder_(x));
    return {mean_(h), log_variance_(h)};
  }

  // z [n, code] -> logits [n, pixels], of which the sigmoid is the image.
  Tensor Decode(const Tensor& z) const {
    nn::ModuleScope scope(*this);
    return pixels_(Relu(decoder_(z)));
  }

  void Visit(nn::Visitor& visit) const override {
    visit("encoder", encoder_);
    visit("mean", mean_);
    visit("log_variance", log_variance_);
    visit("decoder", decoder_);
    visit("pixels", pixels_);
  }
  std::string Kind() const override { return "Vae"; }

 private:
  nn::Linear encoder_, mean_, log_variance_;
  nn::Linear decoder_, pixels_;
};

}  // namespace adjoint::models

#endif  // ADJOINT_MODELS_MNIST_VAE_VAE_H_
