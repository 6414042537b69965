#include "framework/train/task.h"

#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "framework/base/error.h"

namespace adjoint::train {
namespace {

// Made on first use, for it is filled before main in no certain order.
std::map<std::string, Program>& Programs() {
  static auto* programs = new std::map<std::string, Program>;
  return *programs;
}

}  // namespace

absl::StatusOr<std::string> Task::Show(const std::string&) const { return ""; }

SupervisedTask::SupervisedTask(std::unique_ptr<nn::Layer> model,
                               std::unique_ptr<data::Dataset> train,
                               std::unique_ptr<data::Dataset> test,
                               LossFunction loss)
    : model_(std::move(model)),
      train_(std::move(train)),
      test_(std::move(test)),
      objective_(Supervised(*model_, std::move(loss))) {}

Objective ObjectiveOf(const Task& task) {
  return [&task](const data::Batch& batch, const nn::Pass& pass) {
    return task.Evaluate(batch, pass);
  };
}

std::unique_ptr<optim::Optimizer> MakeOptimizer(const Program& program,
                                                const Recipe& recipe) {
  return program.make_optimizer ? program.make_optimizer(recipe)
                                : MakeOptimizer(recipe);
}

bool List(Program program) {
  const std::string name = program.name;
  ADJOINT_CHECK(Programs().emplace(name, std::move(program)).second);
  return true;
}

std::vector<Program> ListedPrograms() {
  std::vector<Program> all;
  for (const auto& [name, program] : Programs()) all.push_back(program);
  return all;
}

}  // namespace adjoint::train
