#include "framework/train/train_main.h"

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "framework/base/error.h"
#include "framework/base/parallel_for.h"
#include "framework/data/batches.h"
#include "framework/train/console.h"
#include "framework/train/load.h"
#include "framework/train/run.h"
#include "framework/train/weights.h"

namespace adjoint::train {
namespace {

double SecondsSince(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
      .count();
}

absl::Status Run(const Program& program, const SharedFlags& flags) {
  const auto start = std::chrono::steady_clock::now();
  SetNumThreads(flags.threads);
  absl::StatusOr<std::unique_ptr<Task>> made =
      program.make({.seed = flags.seed, .data_dir = flags.data_dir});
  if (!made.ok()) return made.status();
  const Task& task = **made;
  absl::StatusOr<std::string> run_dir = MakeRunDir(program.name, flags.run_dir);
  if (!run_dir.ok()) return run_dir.status();

  const Objective objective = ObjectiveOf(task);
  absl::FPrintF(
      stderr, "%s%s%s", HeaderLine(program.name, flags.seed, *run_dir),
      DataLine(task),
      LayerTable(task.model(), objective, task.test_data().Gather({0})));
  const Recipe& recipe = flags.recipe;
  const std::vector<Metric> metrics = task.metrics();
  const std::unique_ptr<optim::Optimizer> optimizer = MakeOptimizer(recipe);
  const data::Batches batches(task.train_data(), {.size = recipe.batch_size});
  double printed_seconds = -1;
  const TrainOptions options = {
      .epochs = recipe.epochs,
      .batch_size = recipe.batch_size,
      .seed = flags.seed,
      .shuffle = program.shuffle,
      .schedule = MakeSchedule(recipe, recipe.epochs * batches.num_batches()),
      .clip_norm = recipe.clip_norm,
      .metrics = metrics,
      .on_epoch = [&](const EpochReport& report) {
        if (program.on_epoch) return program.on_epoch(report);
        // Of many short epochs nobody reads each.
        const bool last = report.epoch == report.epochs;
        if (report.epochs > 20 && !last &&
            report.total_seconds < printed_seconds + 0.5) {
          return;
        }
        printed_seconds = report.total_seconds;
        absl::FPrintF(stderr, "%s", EpochLine(report, metrics));
      }};
  const TrainResult result =
      Train(task.model(), objective, *optimizer, task.train_data(),
            task.test_data(), options);

  const RunFacts facts = {.model = program.name,
                          .seed = flags.seed,
                          .wall_seconds = SecondsSince(start),
                          .weights_sha256 = WeightsSha256(task.model()),
                          .metrics = metrics};
  absl::PrintF("%s", SummaryLines(result, facts, *run_dir));
  absl::Status status = WriteSummary(*run_dir, facts, result);
  if (!status.ok()) return status;
  status = SaveWeights(task.model(), *run_dir + "/model.safetensors");
  if (!status.ok()) return status;
  if (result.exit_reason != "completed") {
    return absl::AbortedError(
        absl::StrCat(result.exit_reason, ": ", result.message));
  }
  const absl::StatusOr<std::string> shown = task.Show(*run_dir);
  if (!shown.ok()) return shown.status();
  absl::PrintF("%s", *shown);
  return absl::OkStatus();
}

absl::Status Main(int argc, char** argv, const Configure& configure,
                  Program program) {
  SetDefaults(program.recipe);
  const std::string help = FlagsHelp();  // With the defaults.
  const absl::StatusOr<CommandLine> line = ParseFlags(argc, argv);
  if (!line.ok()) return line.status();
  if (line->help) {
    absl::PrintF("%s.\n\n%s", program.doc, help);
    return absl::OkStatus();
  }
  if (configure) {
    absl::Status status = configure(*line, program);
    if (!status.ok()) return status;
  }
  SetDefaults(program.recipe, *line);
  const absl::StatusOr<SharedFlags> flags = GetSharedFlags();
  if (!flags.ok()) return flags.status();
  return Run(program, *flags);
}

}  // namespace

int TrainMain(int argc, char** argv, const Configure& configure) {
  const std::vector<Program> programs = ListedPrograms();
  ADJOINT_CHECK(programs.size() == 1);
  const absl::Status status = Main(argc, argv, configure, programs[0]);
  if (status.ok()) return 0;
  absl::FPrintF(stderr, "%s: %s\n", programs[0].name, status.message());
  return 1;
}

}  // namespace adjoint::train
