#include "framework/train/make_task.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "framework/adjoint.h"

namespace adjoint::train {
namespace {

// A table of 100 rows whose columns are i and 1000 i, but 10 times that in the
// last 20 rows. Learns from columns of one size.
class Table final : public SupervisedTask {
 public:
  Table() : SupervisedTask(Model(), Rows(), Rows(), MeanSquaredError) {}

  void Prepare(const data::Dataset& train) override {
    EXPECT_FALSE(columns_.has_value()) << "prepared twice";
    columns_ = data::Standardizer::Of(train);
  }
  Outcome Evaluate(const data::Batch& batch,
                   const nn::Pass& pass) const override {
    return SupervisedTask::Evaluate({columns_->Apply(batch.x), batch.y}, pass);
  }
  absl::StatusOr<std::string> Show(const std::string& run_dir) const override {
    const std::string path = run_dir + "/columns.safetensors";
    const absl::Status status = columns_->Save(path);
    if (!status.ok()) return status;
    return path + "\n";
  }

  double mean(int64_t column) const {
    return columns_->mean().data<double>()[column];
  }

 private:
  static std::unique_ptr<nn::Layer> Model() {
    Rng rng(1);
    return std::make_unique<nn::Linear>(2, 1, rng);
  }
  static std::unique_ptr<data::Dataset> Rows() {
    std::vector<float> x;
    for (int i = 0; i < 100; ++i) {
      const auto value = static_cast<float>(i < 80 ? i : 10 * i);
      x.push_back(value);
      x.push_back(1000 * value);
    }
    return std::make_unique<data::TensorDataset>(FromSpan<float>({100, 2}, x),
                                                 Zeros({100, 1}));
  }

  std::optional<data::Standardizer> columns_;
};

// The table as `flags` make it, and what they make of it.
struct Made {
  const Table* table = nullptr;
  std::unique_ptr<Task> task;
};

Made Make(const SharedFlags& flags) {
  Made made;
  const Program program = {.name = "table",
                           .make =
                               [&](const TaskOptions&) {
                                 auto table = std::make_unique<Table>();
                                 made.table = table.get();
                                 return table;
                               },
                           .shuffle = false};
  absl::StatusOr<std::unique_ptr<Task>> task = MakeTask(program, flags);
  EXPECT_TRUE(task.ok()) << task.status();
  made.task = *std::move(task);
  return made;
}

// The mean of 0 to 79 is 39.5; with 800, 810 to 990 it is 210.6.
TEST(MakeTask, PreparesATaskWithoutWhatIsHeldOut) {
  EXPECT_NEAR(Make({}).table->mean(0), 210.6, 1e-9);
  SharedFlags flags;
  flags.validation_fraction = 0.2;
  const Made made = Make(flags);
  EXPECT_EQ(made.table->mean(0), 39.5);
  EXPECT_EQ(made.table->mean(1), 39500);
  // And with those columns it is judged.
  EXPECT_EQ(data::All(made.task->test_data()).x.data<float>()[0], 800);
  const data::Batch held_out = data::All(made.task->test_data());
  Rng rng(1);
  EXPECT_GT(made.task->Evaluate(held_out, {.rng = &rng}).loss.item(), 1);
}

TEST(MakeTask, PreparesATaskThatLearnsAFewExamplesWithAllOfThem) {
  SharedFlags flags;
  flags.overfit = 1;
  flags.recipe.batch_size = 10;
  const Made made = Make(flags);
  EXPECT_EQ(made.task->train_data().size(), 10);
  EXPECT_NEAR(made.table->mean(0), 210.6, 1e-9);
}

}  // namespace
}  // namespace adjoint::train
