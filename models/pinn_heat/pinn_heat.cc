// The heat equation solved by a network that is told the equation and not the
// solution (Raissi, Perdikaris and Karniadakis 2019):
//
//   u_t = alpha u_xx        for x and t in [0, 1]
//   u(x, 0) = sin(pi x),    u(0, t) = u(1, t) = 0
//
// with the solution e^(-alpha pi^2 t) sin(pi x).

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <memory>
#include <numbers>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "framework/adjoint.h"

namespace adjoint::models {
namespace {

constexpr double kPi = std::numbers::pi;
constexpr double kAlpha = 0.1;

// What the solution is at points (x, t): [n,2] -> [n,1].
Tensor Exact(const Tensor& points) {
  const Tensor x = Slice(points, 1, 0, 1), t = Slice(points, 1, 1, 2);
  return Exp(-kAlpha * kPi * kPi * t) * Sin(kPi * x);
}

// Random points of the square, without the solution there: y is what is known
// beforehand, u at (x, 0).
data::TensorDataset Inside(int64_t n, DType dtype, Rng rng) {
  const Tensor points = RandomUniform({n, 2}, 0, 1, rng, dtype);
  return {points, Sin(kPi * Slice(points, 1, 0, 1))};
}

// A square of `side` by `side` points with the solution: x falls from 1 to 0
// from row to row, t grows from 0 to 1 from column to column.
data::TensorDataset Mesh(int64_t side, DType dtype) {
  std::vector<double> points;
  const double last = static_cast<double>(side - 1);
  for (int64_t row = 0; row < side; ++row) {
    for (int64_t col = 0; col < side; ++col) {
      points.push_back(1 - static_cast<double>(row) / last);
      points.push_back(static_cast<double>(col) / last);
    }
  }
  const Tensor x = Cast(FromSpan<double>({side * side, 2}, points), dtype);
  return {x, Exact(x)};
}

// du/dx at each point, itself to be differentiated. u [n,1] at a point depends
// on x [n,1] at the same point alone, so that the gradient of the sum has the
// derivatives of all.
Tensor Derivative(const Tensor& u, const Tensor& x) {
  return Grad(Sum(u), {x}, {.create_graph = true})[0];
}

struct Sizes {
  int64_t hidden = 32;    // Units in each of the two hidden layers.
  int64_t points = 2000;  // Inside, for training.
  int64_t side = 101;     // Of the mesh on which the solution is judged.
};

class PinnHeat final : public train::Task {
 public:
  PinnHeat(const Sizes& sizes, DType dtype, Rng rng)
      : u_(MakeNetwork(sizes.hidden, dtype, rng)),
        side_(sizes.side),
        train_(Inside(sizes.points, dtype, rng.Split())),
        test_(Mesh(sizes.side, dtype)) {}

  const nn::Module& model() const override { return u_; }
  const data::Dataset& train_data() const override { return train_; }
  const data::Dataset& test_data() const override { return test_; }

  // In training how far the network is from what is asked of it, else how far
  // it is from the solution.
  train::Outcome Evaluate(const data::Batch& batch,
                          const nn::Pass& pass) const override {
    if (pass.training) return Misfit(batch);
    const Tensor u = u_(batch.x);
    return {
        .loss = MeanSquaredError(u, batch.y), .output = u, .target = batch.y};
  }

  std::vector<train::Metric> metrics() const override {
    const Tensor y = data::All(test_).y;
    const double scale = Mean(y * y).item();
    return {{.name = "relative L2 error",
             .unit = "%",
             .value =
                 [scale](const train::Metrics& metrics) {
                   return 100 * std::sqrt(metrics.loss() / scale);
                 },
             .test_only = true}};
  }

  // The solution that was found and, to the right of it, its error.
  absl::StatusOr<std::string> Show(const std::string& run_dir) const override {
    std::string text;
    for (const auto& [name, value] : Misfit(data::All(train_)).parts) {
      absl::StrAppendFormat(&text, "%s %.2g   ", name, value.item());
    }
    NoGrad no_grad;
    const data::Batch all = data::All(test_);
    const Tensor u = u_(all.x), error = u - all.y;
    const double largest = Max(Abs(error)).item();
    const auto square = [this](const Tensor& x) {
      return Reshape(x, {side_, side_});
    };
    const Tensor field = Concat({square(u), Zeros({side_, 4}, u.dtype()),
                                 square(error / std::max(largest, 1e-30))},
                                /*axis=*/1);
    const std::string path = run_dir + "/solution.png";
    const absl::Status status =
        io::WritePng(path, io::HeatMap(field, -1, 1, /*zoom=*/4));
    if (!status.ok()) return status;
    absl::StrAppendFormat(&text,
                          "at the training points\n"
                          "picture %s (t to the right, x upwards; u from -1 to "
                          "1, then its error from %.2g to %.2g)\n",
                          path, -largest, largest);
    return text;
  }

  std::map<std::string, std::string> captions() const override {
    return {
        {"solution.png",
         "The solution and its error. Time goes to the right and x upwards, "
         "both from 0 to 1. On the left u, white at 0 and red at 1; on the "
         "right its error, red where u is too large and blue where it is "
         "too small, in full colour where it is largest."}};
  }

 private:
  static nn::Sequential MakeNetwork(int64_t hidden, DType dtype, Rng& rng) {
    const nn::LinearOptions linear = {.dtype = dtype,
                                      .weight_init = nn::init::XavierNormal(),
                                      .bias_init = nn::init::Constant(0)};
    return nn::Sequential(nn::Linear(2, hidden, rng, linear), nn::Tanh(),
                          nn::Linear(hidden, hidden, rng, linear), nn::Tanh(),
                          nn::Linear(hidden, 1, rng, linear));
  }

  // u at x [n,1] and t [n,1] -> [n,1].
  Tensor U(const Tensor& x, const Tensor& t) const {
    return u_(Concat({x, t}, /*axis=*/1));
  }

  // The mean squares of what should be 0: inside, at t = 0, and at both ends.
  train::Outcome Misfit(const data::Batch& batch) const {
    const Tensor x = Leaf(Slice(batch.x, 1, 0, 1));
    const Tensor t = Leaf(Slice(batch.x, 1, 1, 2));
    const Tensor u = U(x, t);
    const Tensor u_t = Derivative(u, t);
    const Tensor u_xx = Derivative(Derivative(u, x), x);
    const Tensor zero = Zeros(x.shape(), x.dtype());
    const Tensor one = Ones(x.shape(), x.dtype());

    const Tensor residual = Mean(Square(u_t - kAlpha * u_xx));
    const Tensor initial = MeanSquaredError(U(x, zero), batch.y);
    const Tensor boundary = Mean(Square(U(zero, t))) + Mean(Square(U(one, t)));
    return {.loss = residual + initial + boundary,
            .output = u,
            .parts = {{"residual", residual},
                      {"initial", initial},
                      {"boundary", boundary}}};
  }

  nn::Sequential u_;
  int64_t side_;
  data::TensorDataset train_, test_;
};

const bool kListed = train::List(
    {.name = "pinn_heat",
     .doc = "The heat equation solved by a network that knows its derivatives",
     .recipe = {.epochs = 200,
                .batch_size = 50,
                .optimizer = "adam",
                .learning_rate = 0.02},
     .make = [](const train::TaskOptions& options)
         -> absl::StatusOr<std::unique_ptr<train::Task>> {
       const Sizes tiny = {.hidden = 8, .points = 12, .side = 5};
       return std::make_unique<PinnHeat>(options.tiny ? tiny : Sizes{},
                                         options.dtype, Rng(options.seed));
     }});

}  // namespace
}  // namespace adjoint::models
