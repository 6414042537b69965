#include "framework/train/make_task.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "framework/train/few_examples.h"
#include "framework/train/held_out.h"
#include "framework/train/load.h"
#include "framework/train/run_folder.h"

namespace adjoint::train {
namespace {

absl::Status CheckHasExamples(const Task& task) {
  for (const auto& [dataset, kind] : {std::pair(&task.train_data(), "training"),
                                      std::pair(&task.test_data(), "test")}) {
    if (dataset->size() > 0) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("the ", kind, " data has no examples"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<Task>> MakeTask(const Program& program,
                                               const SharedFlags& flags) {
  absl::StatusOr<std::unique_ptr<Task>> made =
      program.make({.seed = flags.seed, .data_dir = flags.data_dir});
  if (!made.ok()) return made;
  std::unique_ptr<Task> task = *std::move(made);
  if (flags.validation_fraction > 0) {
    task = std::make_unique<HeldOut>(
        std::move(task), HeldOutOptions{.fraction = flags.validation_fraction,
                                        .seed = flags.seed,
                                        .shuffle = program.shuffle});
  }
  absl::Status status = CheckHasExamples(*task);
  if (!status.ok()) return status;
  task->Prepare(task->train_data());
  if (!flags.init.empty() && !GoesOn(flags)) {
    status = LoadInto(task->model(), flags.init, {.convert = true});
    if (!status.ok()) return status;
  }
  if (flags.overfit > 0) {
    task = std::make_unique<FewExamples>(
        std::move(task), flags.overfit * flags.recipe.batch_size);
  }
  return task;
}

}  // namespace adjoint::train
