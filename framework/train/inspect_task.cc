#include "framework/train/inspect_task.h"

#include <algorithm>
#include <memory>
#include <numeric>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "framework/core/memory.h"
#include "framework/data/batches.h"
#include "framework/inspect/explain.h"
#include "framework/inspect/step_memory.h"
#include "framework/train/console.h"
#include "framework/train/display.h"

namespace adjoint::train {
namespace {

// The first batch of a training, and its step.
class FirstStep {
 public:
  FirstStep(const Task& task, const Recipe& recipe)
      : task_(task),
        batch_(*data::Batches(task.train_data(), {.size = recipe.batch_size})
                    .Epoch(0)
                    .begin()) {}

  Tensor Loss() {
    return task_.Evaluate(batch_, {.training = true, .rng = &rng_}).loss;
  }
  void Backward(Tensor loss) {
    gradients_ = Grad(std::move(loss), task_.model());
    // Most optimizers ask for the elements of those that are products.
    for (const Gradients::Item& item : gradients_.items()) {
      item.gradient.array()->data();
    }
  }
  const data::Batch& batch() const { return batch_; }
  const Gradients& gradients() const { return gradients_; }

 private:
  const Task& task_;
  const data::Batch batch_;
  Rng rng_ = Rng(0);
  Gradients gradients_;
};

std::vector<Tensor> Values(const std::vector<nn::NamedParameter>& parameters) {
  std::vector<Tensor> values;
  for (const nn::NamedParameter& p : parameters) {
    values.push_back(p.parameter.value());
  }
  return values;
}

// What the evaluation of the first batch adds.
int64_t EvaluationMemory(const Task& task) {
  std::vector<int64_t> rows(
      std::min<int64_t>(EvaluateOptions().batch_size, task.test_data().size()));
  std::iota(rows.begin(), rows.end(), 0);
  const int64_t before = GetMemoryStats().live;
  ResetMemoryPeak();
  NoGrad no_grad;
  Rng rng(0);
  task.Evaluate(task.test_data().Gather(rows), {.rng = &rng});
  return GetMemoryStats().peak - before;
}

}  // namespace

inspect::StepMemory MemoryOf(const Task& task, const Recipe& recipe,
                             optim::Optimizer& optimizer) {
  const int64_t state =
      inspect::SizeInBytes(Values(optimizer.State(task.model())));
  const int64_t evaluation = EvaluationMemory(task);
  const int64_t before = GetMemoryStats().live;
  FirstStep step(task, recipe);
  const int64_t batch = GetMemoryStats().live - before;
  inspect::StepMemory memory = inspect::MeasureStep(
      [&] { return step.Loss(); },
      [&](Tensor loss) { step.Backward(std::move(loss)); });
  memory.parameters =
      inspect::SizeInBytes(Values(nn::Parameters(task.model())));
  for (const Gradients::Item& item : step.gradients().items()) {
    memory.gradients += inspect::SizeInBytes({item.gradient});
  }
  memory.optimizer = state;
  memory.batch = step.batch().size();
  memory.batches = 2 * batch;  // One is gathered while one is learnt from.
  memory.evaluation = evaluation;
  return memory;
}

std::string DescribeTask(const Task& task, const Recipe& recipe,
                         optim::Optimizer& optimizer) {
  return absl::StrCat(
      DataLine(task),
      LayerTable(task.model(), ObjectiveOf(task), task.test_data().Gather({0})),
      MemoryOf(task, recipe, optimizer).ToString());
}

std::string ExplainTask(const Task& task, const Recipe& recipe, size_t width) {
  FirstStep step(task, recipe);
  const auto explain = [&] {
    return inspect::Explain(
        [&] { return step.Loss(); },
        [&](Tensor loss) { step.Backward(std::move(loss)); });
  };
  explain();  // The first step of a process meets memory that is new.
  const inspect::Explanation explanation = explain();
  std::vector<inspect::NamedGradient> gradients;
  for (const nn::NamedParameter& p : nn::Parameters(task.model())) {
    if (!p.parameter.trainable()) continue;
    gradients.push_back(
        {p.name, p.parameter.value(), step.gradients()[p.parameter]});
  }
  return absl::StrCat("one step on ", step.batch().size(),
                      " examples; < is backward, and kept what it needs\n",
                      explanation.ToString(width),
                      "\ngradients, by parameter\n",
                      inspect::GradientTable(gradients, width));
}

std::string InspectTask(const Program& program, const SharedFlags& flags,
                        const Task& task) {
  return flags.explain ? ExplainTask(task, flags.recipe, TableColumns())
                       : DescribeTask(task, flags.recipe,
                                      *MakeOptimizer(program, flags.recipe));
}

}  // namespace adjoint::train
