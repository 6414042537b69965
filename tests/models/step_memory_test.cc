#include <gtest/gtest.h>

#include <memory>

#include "framework/adjoint.h"
#include "framework/core/memory.h"
#include "framework/train/inspect_task.h"

namespace adjoint::train {
namespace {

// What tensors and nodes come to at most in the first steps of a training.
int64_t PeakOfSteps(const Program& program) {
  const std::unique_ptr<Task> task = *program.make({});
  const std::unique_ptr<optim::Optimizer> optimizer =
      MakeOptimizer(program.recipe);
  const int64_t before = GetMemoryStats().live;
  ResetMemoryPeak();
  int64_t steps = 0, peak = 0;
  Train(task->model(), ObjectiveOf(*task), *optimizer, task->train_data(),
        task->test_data(),
        {.epochs = 1,
         .batch_size = program.recipe.batch_size,
         .on_step = [&](const StepReport&) {
           peak = GetMemoryStats().peak;
           return ++steps < 6 ? Next::kGoOn : Next::kStop;
         }});
  return peak - before;
}

TEST(MemoryOf, IsWithinAFifthOfWhatATrainingHolds) {
  int tested = 0;
  for (const Program& program : ListedPrograms()) {
    if (program.name != "mnist_mlp" && program.name != "mnist_lenet") continue;
    ++tested;
    const std::unique_ptr<Task> task = *program.make({});
    const inspect::StepMemory memory = MemoryOf(
        *task, program.recipe, *MakeOptimizer(program, program.recipe));
    const auto measured =
        static_cast<double>(PeakOfSteps(program) + memory.parameters);
    EXPECT_NEAR(static_cast<double>(memory.peak()) / measured, 1, 0.2)
        << program.name << ": " << memory.ToString() << measured;
    EXPECT_GT(memory.evaluation, 250 * 784 * 4) << program.name;
  }
  EXPECT_EQ(tested, 2);
}

}  // namespace
}  // namespace adjoint::train
