#include "framework/train/run_end.h"

#include <future>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "framework/base/file.h"
#include "framework/io/safetensors.h"
#include "framework/train/diverged_error.h"
#include "framework/train/load.h"
#include "framework/train/resume_command.h"
#include "framework/train/run.h"
#include "framework/train/weights.h"

namespace adjoint::train {
namespace {

// Beside what follows and the last checkpoint, for disks are slow. (Not before
// get() where the system refuses a thread.)
std::future<absl::Status> WriteWeights(const EndedRun& run,
                                       const TrainResult& result) {
  return std::async([path = run.folder.path() + "/model.safetensors",
                     steps = result.steps,
                     weights = TensorsOf(run.task.model())] {
    return io::WriteSafetensors(path, weights, {{"step", absl::StrCat(steps)}});
  });
}

// What the model has to show: a text, and files in the folder.
std::string Show(const EndedRun& run, const TrainResult& result) {
  const bool trained =
      result.exit_reason != "diverged" && result.exit_reason != "stopped";
  if (!trained) return "";
  absl::StatusOr<std::string> text = run.task.Show(run.folder.path());
  if (text.ok()) return *std::move(text);
  run.errors.Note(text.status());
  return "";
}

// "" if there is nothing left to do, or nothing to go on from.
std::string HowToGoOn(const EndedRun& run, const TrainResult& result) {
  const bool over = result.exit_reason == "completed" ||
                    result.exit_reason == "early_stopping";
  if ((over && run.errors.first().ok()) || !run.folder.has_checkpoint()) {
    return "";
  }
  return CommandToGoOn(ThisCall(), run.folder.path(), result,
                       run.flags.rollbacks);
}

void WriteProfile(const EndedRun& run) {
  const std::string path = run.folder.path() + "/trace.json";
  run.errors.Note(WriteFileAtomically(path, run.profiler->TraceJson()));
  if (run.flags.json) return;
  absl::PrintF("%strace %s (open it at ui.perfetto.dev)\n",
               run.profiler->ToString(), path);
}

}  // namespace

absl::Status EndRun(const EndedRun& run, const TrainResult& result) {
  absl::Status gone = run.folder.CheckPlace();
  if (!gone.ok()) return gone;  // There is nowhere to write.
  // What was evaluated is what is left behind.
  if (run.ema != nullptr) run.ema->Swap(run.task.model());
  std::future<absl::Status> weights = WriteWeights(run, result);
  const RunFacts facts = {.model = run.program.name,
                          .seed = run.flags.seed,
                          .wall_seconds = run.wall.count(),
                          .weights_sha256 = WeightsSha256(run.task.model()),
                          .metrics = run.task.metrics()};
  const std::string summary = SummaryJson(facts, result);
  run.errors.Note(WriteSummary(run.folder.path(), summary));
  const std::string shown = Show(run, result);
  run.errors.Note(run.reporter.Finish(run.folder.log().rows(), summary, shown,
                                      run.profiler));
  {
    const inspect::Profiler::Phase saving(run.profiler, "saving");
    run.errors.Note(run.folder.Flush());
    run.errors.Note(weights.get());
  }
  run.terminal.Summary(result, facts, run.folder.path(),
                       {.confusions = run.reporter.WorstConfusions(),
                        .report = run.reporter.path(),
                        .resume = HowToGoOn(run, result)});
  if (run.profiler != nullptr) WriteProfile(run);
  if (!run.flags.json) absl::PrintF("%s", shown);
  const absl::Status& error = run.errors.first();
  if (!error.ok() || result.exit_reason != "diverged") return error;
  return DivergedError(result, run.flags);
}

}  // namespace adjoint::train
