// Least squares by stochastic gradient descent: the smallest model.

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "framework/adjoint.h"

namespace adjoint::models {
namespace {

constexpr int kFeatures = 3;
constexpr int kUnknowns = kFeatures + 1;  // The weights and the bias.

using Solution = std::array<double, kUnknowns>;

constexpr Solution kTruth = {2, -3, 0.5, 1};

// x uniform over [-1, 1)^3 and y = 2 x0 - 3 x1 + 0.5 x2 + 1, with noise of
// standard deviation 0.1.
data::TensorDataset MakeData(int64_t n, DType dtype, Rng rng) {
  const Tensor x = RandomUniform({n, kFeatures}, -1, 1, rng, dtype);
  const Tensor w =
      Cast(FromValues<double>({1, kFeatures}, {2, -3, 0.5}), dtype);
  const Tensor noise = RandomNormal({n, 1}, 0, 0.1, rng, dtype);
  return {x, Linear(x, w) + kTruth[kFeatures] + noise};
}

// The minimum of the squared error, where its gradient vanishes:
// (A'A) s = A'y with A = [x, 1] (Gauss 1809). By elimination, which needs no
// pivoting for a positive definite matrix.
Solution ClosedForm(const data::Dataset& dataset) {
  const data::Batch all = data::All(dataset);
  const Tensor x = Cast(all.x, DType::kF64);
  const Tensor a =
      Concat({x, Ones({x.shape()[0], 1}, DType::kF64)}, /*axis=*/1);
  const Tensor aa = MatMul(a, a, {.transpose_a = true});
  const Tensor ay = MatMul(a, Cast(all.y, DType::kF64), {.transpose_a = true});
  std::vector<double> m(aa.data<double>().begin(), aa.data<double>().end());
  Solution s;
  std::copy_n(ay.data<double>().begin(), kUnknowns, s.begin());
  const auto at = [&m](int i, int j) -> double& {
    return m[i * kUnknowns + j];
  };
  for (int k = 0; k < kUnknowns; ++k) {
    for (int i = k + 1; i < kUnknowns; ++i) {
      const double factor = at(i, k) / at(k, k);
      for (int j = k; j < kUnknowns; ++j) at(i, j) -= factor * at(k, j);
      s[i] -= factor * s[k];
    }
  }
  for (int k = kUnknowns - 1; k >= 0; --k) {
    for (int j = k + 1; j < kUnknowns; ++j) s[k] -= at(k, j) * s[j];
    s[k] /= at(k, k);
  }
  return s;
}

class LinearRegression final : public train::Task {
 public:
  LinearRegression(int64_t examples, DType dtype, Rng rng)
      : model_(kFeatures, 1, rng, {.dtype = dtype}),
        train_(MakeData(examples, dtype, rng.Split())),
        test_(MakeData(examples, dtype, rng.Split())),
        closed_form_(ClosedForm(train_)) {}

  const nn::Module& model() const override { return model_; }
  const data::Dataset& train_data() const override { return train_; }
  const data::Dataset& test_data() const override { return test_; }

  train::Outcome Evaluate(const data::Batch& batch,
                          const nn::Pass& pass) const override {
    const Tensor y = model_(batch.x, pass);
    train::Outcome outcome = {MeanSquaredError(y, batch.y), y, batch.y};
    if (!pass.training) {
      outcome.parts = {{"distance to closed form", Full({}, Distance())}};
    }
    return outcome;
  }

  absl::StatusOr<std::string> Show(const std::string&) const override {
    std::string text = "           truth  closed form   learnt\n";
    const Solution learnt = Learnt();
    for (int i = 0; i < kUnknowns; ++i) {
      absl::StrAppendFormat(&text, "%-6s %9.4f %12.4f %8.4f\n",
                            i == kFeatures ? "bias" : absl::StrFormat("w%d", i),
                            kTruth[i], closed_form_[i], learnt[i]);
    }
    return text;
  }

 private:
  Solution Learnt() const {
    const Tensor w = Cast(model_.weight(), DType::kF64);
    Solution s;
    std::copy_n(w.data<double>().begin(), kFeatures, s.begin());
    s[kFeatures] = model_.bias().value().item();
    return s;
  }

  // The largest difference between what is learnt and what is to be learnt.
  double Distance() const {
    const Solution learnt = Learnt();
    double distance = 0;
    for (int i = 0; i < kUnknowns; ++i) {
      distance = std::max(distance, std::abs(learnt[i] - closed_form_[i]));
    }
    return distance;
  }

  nn::Linear model_;
  data::TensorDataset train_, test_;
  Solution closed_form_;
};

const bool kListed = train::List(
    {.name = "linear_regression",
     .doc = "Least squares by gradient descent, against the closed form",
     .recipe = {.epochs = 20,
                .batch_size = 20,
                .optimizer = "sgd",
                .learning_rate = 0.1,
                .momentum = 0},
     .make = [](const train::TaskOptions& options)
         -> absl::StatusOr<std::unique_ptr<train::Task>> {
       return std::make_unique<LinearRegression>(
           options.tiny ? 12 : 1000, options.dtype, Rng(options.seed));
     },
     .overfit_loss = 0.02});

}  // namespace
}  // namespace adjoint::models
