// Three spirals that no line separates, and a perceptron that does.

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "framework/adjoint.h"
#include "framework/base/file.h"

namespace adjoint::models {
namespace {

constexpr int kClasses = 3;
constexpr const char* kColours[kClasses] = {"#0072b2", "#d55e00", "#009e73"};
constexpr const char* kNames[kClasses] = {"blue", "orange", "green"};
constexpr const char* kPale[kClasses] = {"#cfe3f0", "#f7dfcc", "#cceadd"};

// `n` points on the arm of each class.
data::TensorDataset MakeSpirals(int64_t n, DType dtype, Rng rng) {
  const data::Batch all = data::All(
      data::Spirals(rng, {.points = n, .arms = kClasses, .dtype = dtype}));
  return {all.x, all.y, {.class_names = {kNames, kNames + kClasses}}};
}

// The class of each point of a square of `side` by `side` that covers
// [-1.1, 1.1]^2, row 0 at the top.
std::vector<int> Decisions(const nn::Layer& model, int side, DType dtype) {
  std::vector<double> points;
  for (int row = 0; row < side; ++row) {
    for (int col = 0; col < side; ++col) {
      points.push_back(-1.1 + 2.2 * (col + 0.5) / side);
      points.push_back(1.1 - 2.2 * (row + 0.5) / side);
    }
  }
  NoGrad no_grad;
  const Tensor logits =
      Cast(model(Cast(FromSpan<double>({side * side, 2}, points), dtype)),
           DType::kF64);
  std::vector<int> decisions;
  for (int i = 0; i < side * side; ++i) {
    const double* z = logits.data<double>().data() + i * kClasses;
    decisions.push_back(
        static_cast<int>(std::max_element(z, z + kClasses) - z));
  }
  return decisions;
}

class Spirals final : public train::SupervisedTask {
 public:
  Spirals(std::unique_ptr<nn::Layer> model, data::TensorDataset train,
          data::TensorDataset test)
      : SupervisedTask(std::move(model),
                       std::make_unique<data::TensorDataset>(std::move(train)),
                       std::make_unique<data::TensorDataset>(std::move(test))) {
  }

  absl::StatusOr<std::string> Show(const std::string& run_dir) const override {
    const std::string path = run_dir + "/boundary.svg";
    const absl::Status status = WriteFileAtomically(path, Boundary());
    if (!status.ok()) return status;
    const train::Metrics all =
        train::Evaluate(train::ObjectiveOf(*this), train_data());
    return absl::StrFormat(
        "right on %.2f %% of all %d training points   picture %s\n",
        100 * all.accuracy(), all.examples(), path);
  }

  std::map<std::string, std::string> captions() const override {
    return {{"boundary.svg",
             "Decision regions. The plane in the colours of the classes that "
             "the model gives to its points. The dots are the training "
             "examples."}};
  }

 private:
  // The regions that the model gives to the classes, and the training data.
  std::string Boundary() const {
    constexpr int kSide = 220;  // Cells, each of 2 by 2 units.
    const data::Batch data = data::All(train_data());
    const std::vector<int> regions = Decisions(model(), kSide, data.x.dtype());
    std::string svg = absl::StrFormat(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" "
        "height=\"%d\" viewBox=\"0 0 %d %d\">\n"
        "<title>Decision regions and training points of spirals</title>\n"
        "<g shape-rendering=\"crispEdges\">\n",
        2 * kSide, 2 * kSide, 2 * kSide, 2 * kSide);
    for (int begin = 0, end; begin < kSide * kSide; begin = end) {
      // A run of one class within a row.
      end = begin + 1;
      while (end % kSide != 0 && regions[end] == regions[begin]) ++end;
      absl::StrAppendFormat(
          &svg,
          "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"2\" fill=\"%s\"/>\n",
          begin % kSide * 2, begin / kSide * 2, (end - begin) * 2,
          kPale[regions[begin]]);
    }
    absl::StrAppend(&svg, "</g>\n");
    const Tensor x = Cast(data.x, DType::kF64);
    for (int64_t i = 0; i < x.shape()[0]; ++i) {
      const double* p = x.data<double>().data() + 2 * i;
      absl::StrAppendFormat(
          &svg, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"%s\"/>\n",
          (p[0] + 1.1) / 1.1 * kSide, (1.1 - p[1]) / 1.1 * kSide,
          kColours[data.y.data<int32_t>()[i]]);
    }
    return svg + "</svg>\n";
  }
};

const bool kListed = train::List(
    {.name = "spirals",
     .doc = "Three spirals told apart by a perceptron, with a picture",
     .recipe = {.epochs = 200,
                .batch_size = 30,
                .optimizer = "adam",
                .learning_rate = 0.01},
     .make = [](const train::TaskOptions& options)
         -> absl::StatusOr<std::unique_ptr<train::Task>> {
       Rng rng(options.seed);
       const int64_t points = options.tiny ? 4 : 100;
       const int64_t hidden = options.tiny ? 8 : 64;
       const nn::LinearOptions linear = {.dtype = options.dtype};
       auto model = std::make_unique<nn::Sequential>(
           nn::Linear(2, hidden, rng, linear), nn::Tanh(),
           nn::Linear(hidden, hidden, rng, linear), nn::Tanh(),
           nn::Linear(hidden, kClasses, rng, linear));
       auto test = MakeSpirals(points, options.dtype, rng.Split());
       auto train = MakeSpirals(points, options.dtype, rng.Split());
       return std::make_unique<Spirals>(std::move(model), std::move(train),
                                        std::move(test));
     }});

}  // namespace
}  // namespace adjoint::models
