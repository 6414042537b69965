// A model as a program trains it: with its data, its loss and what it has to
// show in the end.
//
//   class Curve final : public Task { ... };
//
//   const bool kListed = List(
//       {.name = "curve",
//        .doc = "A curve through noisy points",
//        .recipe = {.epochs = 100, .optimizer = "adam", .learning_rate = 0.01},
//        .make = [](const TaskOptions& options) { ... }});
//
// Linked with //framework/train:main, that is a program.
#ifndef ADJOINT_FRAMEWORK_TRAIN_TASK_H_
#define ADJOINT_FRAMEWORK_TRAIN_TASK_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "framework/core/dtype.h"
#include "framework/data/dataset.h"
#include "framework/nn/module.h"
#include "framework/optim/optimizer.h"
#include "framework/train/metrics.h"
#include "framework/train/objective.h"
#include "framework/train/recipe.h"
#include "framework/train/train.h"

namespace adjoint::train {

class Task {
 public:
  virtual ~Task() = default;

  virtual const nn::Module& model() const = 0;
  virtual const data::Dataset& train_data() const = 0;
  virtual const data::Dataset& test_data() const = 0;

  // Called once before anything is trained or told, with the data to train on:
  // train_data(), without what --validation_fraction holds out. For what is
  // measured of them, as by data::Standardizer: `make` sees what is held out.
  virtual void Prepare(const data::Dataset&) {}

  // The loss of a batch: of train_data() in a training pass, else of
  // test_data(). See Objective.
  virtual Outcome Evaluate(const data::Batch& batch,
                           const nn::Pass& pass) const = 0;

  // What it is judged by, besides loss and accuracy; the first one decides
  // which epoch is the best.
  virtual std::vector<Metric> metrics() const { return {}; }

  // Writes into the folder `run_dir` what the trained model has to show, such
  // as pictures, and returns lines for the terminal that tell of it.
  virtual absl::StatusOr<std::string> Show(const std::string& run_dir) const;

  // What is on the pictures that Show writes, PNG or SVG, by the names of their
  // files: captions for the report, the first sentence of each its heading.
  virtual std::map<std::string, std::string> captions() const { return {}; }
};

// A layer that learns from examples.
class SupervisedTask : public Task {
 public:
  SupervisedTask(std::unique_ptr<nn::Layer> model,
                 std::unique_ptr<data::Dataset> train,
                 std::unique_ptr<data::Dataset> test,
                 LossFunction loss = ClassificationLoss);

  const nn::Layer& model() const override { return *model_; }
  const data::Dataset& train_data() const override { return *train_; }
  const data::Dataset& test_data() const override { return *test_; }
  Outcome Evaluate(const data::Batch& batch,
                   const nn::Pass& pass) const override {
    return objective_(batch, pass);
  }

 private:
  std::unique_ptr<nn::Layer> model_;
  std::unique_ptr<data::Dataset> train_, test_;
  Objective objective_;
};

// The task's Evaluate as an Objective. `task` must outlive the result.
Objective ObjectiveOf(const Task& task);

struct TaskOptions {
  uint64_t seed = 42;         // Of the weights, and of made data.
  std::string data_dir = "";  // Where the data is; "" for what is bundled.
  DType dtype = DType::kF32;  // Of parameters and data.
  // A small instance of the same kind, made without files: some ten examples
  // and parameters of a few hundred elements, for proofs.
  bool tiny = false;
};

// A model that a program trains.
struct Program {
  std::string name;  // As its folder: "mnist_mlp".
  std::string doc;   // One line.
  Recipe recipe;     // What suits it.
  // Errors are those of files; misuse throws.
  std::function<absl::StatusOr<std::unique_ptr<Task>>(const TaskOptions&)> make;
  // Makes the optimizer, of the recipe's learning rate and so on; --optimizer
  // is then refused. Null means the one that the recipe names.
  std::function<std::unique_ptr<optim::Optimizer>(const Recipe&)>
      make_optimizer;
  // The tiny instance's loss on one batch falls below this if its examples are
  // learnt by heart.
  double overfit_loss = 0.01;
  bool shuffle = true;  // As TrainOptions::shuffle.
  // Prints an epoch, instead of the usual line. Null means that line.
  std::function<void(const EpochReport&)> on_epoch;
};

// The program's own optimizer, or else recipe.h's.
std::unique_ptr<optim::Optimizer> MakeOptimizer(const Program& program,
                                                const Recipe& recipe);

// Puts `program` into the list of those linked together; true. Ends the process
// if two have one name.
bool List(Program program);

// All that are listed, sorted by name. REQUIRES: main has begun.
std::vector<Program> ListedPrograms();

}  // namespace adjoint::train

#endif  // ADJOINT_FRAMEWORK_TRAIN_TASK_H_
