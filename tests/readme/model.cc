#include <cmath>
#include <cstdio>

#include "framework/adjoint.h"

namespace ad = adjoint;

// y = out(tanh(hidden(x))): x [n,1] -> [n,1].
class Curve final : public ad::nn::Layer {
 public:
  explicit Curve(ad::Rng& rng) : hidden_(1, 32, rng), out_(32, 1, rng) {}
  std::string Kind() const override { return "Curve"; }
  void Visit(ad::nn::Visitor& visit) const override {
    visit("hidden", hidden_);
    visit("out", out_);
  }
  ad::Tensor Forward(const ad::Tensor& x,
                     const ad::nn::Pass& pass) const override {
    return out_(ad::Tanh(hidden_(x, pass)), pass);
  }

 private:
  ad::nn::Linear hidden_, out_;
};

int main() {
  ad::Rng rng(1);
  const ad::Tensor x = ad::RandomUniform({1000, 1}, -2, 2, rng);
  const ad::data::TensorDataset parabola(x, ad::Square(x));
  const Curve model(rng);
  ad::optim::Sgd sgd({.learning_rate = 0.05, .momentum = 0.9});
  const ad::train::TrainResult result =
      ad::train::Train(model, sgd, parabola, parabola,
                       {.epochs = 50,
                        .batch_size = 50,
                        .loss = ad::MeanSquaredError,
                        .schedule = ad::optim::CosineDecay(50 * 20)});
  const double loss = result.epochs.back().test.loss();
  std::printf("mean squared error %.5f\n", loss);
  return loss < 0.01 ? 0 : 1;
}
