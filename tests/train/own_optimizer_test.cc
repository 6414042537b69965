// A program whose optimizer the framework does not know.

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "framework/adjoint.h"
#include "framework/base/file.h"
#include "framework/train/session.h"

namespace adjoint::train {
namespace {

// w -= lr m, m = m / 2 + sign(g).
class Signs final : public optim::ElementwiseOptimizer<Signs> {
 public:
  explicit Signs(double learning_rate) : ElementwiseOptimizer(learning_rate) {}

  template <class T>
  void Update(const optim::Sweep<T>& sweep) const {
    const T lr = static_cast<T>(learning_rate());
    sweep([=](T& w, T g, T& m) {
      m = m / 2 + static_cast<T>(g > 0 ? 1 : -1);
      w -= lr * m;
    });
  }

 protected:
  std::vector<std::string> Slots() const override { return {"signs"}; }
};

// y = w x from w = 0 on the points (1, 100), far off: each step has sign -1.
Program Line() {
  return {
      .name = "line",
      .make = [](const TaskOptions&) -> absl::StatusOr<std::unique_ptr<Task>> {
        Rng rng(1);
        const nn::LinearOptions from_zero = {
            .bias = false, .weight_init = nn::init::Constant(0)};
        const auto points = [] {
          return std::make_unique<data::TensorDataset>(Ones({3, 1}),
                                                       Full({3, 1}, 100));
        };
        return std::make_unique<SupervisedTask>(
            std::make_unique<nn::Linear>(1, 1, rng, from_zero), points(),
            points(), MeanSquaredError);
      },
      .make_optimizer =
          [](const Recipe& recipe) {
            return std::make_unique<Signs>(recipe.learning_rate);
          }};
}

std::string Folder(const std::string& name) {
  const std::string folder = testing::TempDir() + "/" + name;
  std::filesystem::remove_all(folder);
  return folder;
}

SharedFlags FlagsFor(const std::string& run_dir) {
  SharedFlags flags = {.recipe = {.epochs = 1,
                                  .batch_size = 1,
                                  .learning_rate = 0.5,
                                  .schedule = "constant"}};
  flags.run_dir = run_dir;
  flags.quiet = true;
  return flags;
}

float WeightIn(const std::string& run_dir) {
  Rng rng(2);
  const nn::Linear model(1, 1, rng, {.bias = false});
  const absl::Status status = LoadInto(model, run_dir + "/model.safetensors");
  EXPECT_TRUE(status.ok()) << status;
  return model.weight().value().item();
}

TEST(OwnOptimizer, TrainsAProgram) {
  const std::string folder = Folder("whole");
  const auto code = RunSession(Line(), FlagsFor(folder));
  ASSERT_TRUE(code.ok()) << code.status();
  // By hand: m is -1, -1.5, -1.75.
  EXPECT_EQ(WeightIn(folder), 0.5 * (1 + 1.5 + 1.75));
}

TEST(OwnOptimizer, IsInTheCheckpoints) {
  const std::string folder = Folder("resumed");
  SharedFlags flags = FlagsFor(folder);
  flags.max_seconds = 1e-9;
  ASSERT_TRUE(RunSession(Line(), flags).ok());
  EXPECT_EQ(WeightIn(folder), 0.5);
  flags.max_seconds = 0;
  flags.resume = folder;
  const auto code = RunSession(Line(), flags);
  ASSERT_TRUE(code.ok()) << code.status();
  EXPECT_EQ(WeightIn(folder), 0.5 * (1 + 1.5 + 1.75));
}

}  // namespace
}  // namespace adjoint::train
