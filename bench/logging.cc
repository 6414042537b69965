// What a run's folder costs: epochs of mnist_mlp by the program, with all that
// it writes, against the same training alone, in turns.
//
//   ./bazelw run //bench:logging -- 10 1 5     # pairs, threads, epochs

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <vector>

#include "absl/strings/str_format.h"
#include "framework/adjoint.h"
#include "framework/train/session.h"

namespace adjoint {
namespace {

using Clock = std::chrono::steady_clock;

double SecondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// The seconds that `run` takes with `program`, but for those of reading the
// data, which are the most uneven.
template <class Run>
double SecondsOf(const train::Program& program, Run run) {
  double reading = 0;
  train::Program timed = program;
  timed.make = [&](const train::TaskOptions& options) {
    const auto start = Clock::now();
    auto task = program.make(options);
    reading += SecondsSince(start);
    return task;
  };
  const auto start = Clock::now();
  run(timed);
  return SecondsSince(start) - reading;
}

void TrainAlone(const train::Program& program,
                const train::SharedFlags& flags) {
  const auto task = program.make({.seed = flags.seed});
  const train::Recipe& recipe = flags.recipe;
  const auto optimizer = train::MakeOptimizer(recipe);
  const data::Batches batches((*task)->train_data(),
                              {.size = recipe.batch_size});
  Train((*task)->model(), train::ObjectiveOf(**task), *optimizer,
        (*task)->train_data(), (*task)->test_data(),
        {.epochs = recipe.epochs,
         .batch_size = recipe.batch_size,
         .seed = flags.seed,
         .schedule = train::MakeSchedule(recipe, batches.num_batches())});
}

void TrainWithFolder(const train::Program& program,
                     const train::SharedFlags& flags) {
  if (!train::RunSession(program, flags).ok()) std::abort();
}

double Quantile(std::vector<double> values, double q) {
  std::sort(values.begin(), values.end());
  return values[static_cast<size_t>(q * static_cast<double>(values.size()))];
}

void Measure(int pairs, int threads, int epochs) {
  SetNumThreads(threads);
  const train::Program program = train::ListedPrograms().at(0);
  train::SharedFlags flags = {.recipe = program.recipe, .threads = threads};
  flags.recipe.epochs = epochs;
  flags.quiet = true;
  flags.run_dir = std::filesystem::temp_directory_path() /
                  absl::StrFormat("logging-%d", getpid());
  const auto alone = [&] {
    return SecondsOf(program, [&](const auto& p) { TrainAlone(p, flags); });
  };
  const auto with_folder = [&] {
    std::filesystem::remove_all(flags.run_dir);
    return SecondsOf(program,
                     [&](const auto& p) { TrainWithFolder(p, flags); });
  };
  alone();  // Warms up.
  std::vector<double> training, whole, more;
  for (int pair = 0; pair < pairs; ++pair) {
    // Each is the first one in half of the pairs.
    const double before = pair % 2 == 0 ? 0 : with_folder();
    training.push_back(alone());
    whole.push_back(pair % 2 == 0 ? with_folder() : before);
    more.push_back((whole.back() - training.back()) / training.back());
  }
  std::filesystem::remove_all(flags.run_dir);
  absl::FPrintF(stderr,
                "%s, %d epochs, %d threads, %d pairs: training %.3f s; with a "
                "folder %+.2f %% (quartiles %+.2f, %+.2f), the fastest of each "
                "%+.2f %%\n",
                program.name, epochs, threads, pairs, Quantile(training, 0.5),
                100 * Quantile(more, 0.5), 100 * Quantile(more, 0.25),
                100 * Quantile(more, 0.75),
                100 * (Quantile(whole, 0) / Quantile(training, 0) - 1));
}

}  // namespace
}  // namespace adjoint

int main(int argc, char** argv) {
  adjoint::Measure(argc > 1 ? std::atoi(argv[1]) : 10,
                   argc > 2 ? std::atoi(argv[2]) : 1,
                   argc > 3 ? std::atoi(argv[3]) : 5);
}
