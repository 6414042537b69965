// What a run's folder costs: five epochs of mnist_mlp by the program, with all
// that it writes, against the same training alone, in turns.
//
//   ./bazelw run //bench:logging -- 10 1     # pairs, threads

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

constexpr int64_t kEpochs = 5;

double SecondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

struct Seconds {
  double training, whole;  // Whole is with reading the data.
};

Seconds TrainAlone(const train::Program& program,
                   const train::SharedFlags& flags) {
  const auto start = Clock::now();
  const auto task = program.make({.seed = flags.seed});
  const auto optimizer = train::MakeOptimizer(flags.recipe);
  const data::Batches batches((*task)->train_data(),
                              {.size = flags.recipe.batch_size});
  const auto training = Clock::now();
  Train((*task)->model(), train::ObjectiveOf(**task), *optimizer,
        (*task)->train_data(), (*task)->test_data(),
        {.epochs = kEpochs,
         .batch_size = flags.recipe.batch_size,
         .seed = flags.seed,
         .schedule = train::MakeSchedule(flags.recipe, batches.num_batches())});
  return {SecondsSince(training), SecondsSince(start)};
}

double TrainWithFolder(const train::Program& program,
                       const train::SharedFlags& flags) {
  std::filesystem::remove_all(flags.run_dir);
  const auto start = Clock::now();
  if (!train::RunSession(program, flags).ok()) std::abort();
  return SecondsSince(start);
}

double Quantile(std::vector<double> values, double q) {
  std::sort(values.begin(), values.end());
  return values[static_cast<size_t>(q * static_cast<double>(values.size()))];
}

void Measure(int pairs, int threads) {
  SetNumThreads(threads);
  const train::Program program = train::ListedPrograms().at(0);
  train::SharedFlags flags = {.recipe = program.recipe, .threads = threads};
  flags.recipe.epochs = kEpochs;
  flags.quiet = true;
  flags.run_dir = std::filesystem::temp_directory_path() /
                  absl::StrFormat("logging-%d", getpid());
  TrainAlone(program, flags);  // Warms up.
  std::vector<double> training, more;
  for (int pair = 0; pair < pairs; ++pair) {
    // Each is the first one in half of the pairs.
    const double before = pair % 2 == 0 ? 0 : TrainWithFolder(program, flags);
    const Seconds alone = TrainAlone(program, flags);
    const double with =
        pair % 2 == 0 ? TrainWithFolder(program, flags) : before;
    training.push_back(alone.training);
    more.push_back((with - alone.whole) / alone.training);
  }
  std::filesystem::remove_all(flags.run_dir);
  absl::FPrintF(stderr,
                "%s, %d threads, %d pairs: training %.3f s; with a folder "
                "%+.2f %% (quartiles %+.2f, %+.2f)\n",
                program.name, threads, pairs, Quantile(training, 0.5),
                100 * Quantile(more, 0.5), 100 * Quantile(more, 0.25),
                100 * Quantile(more, 0.75));
}

}  // namespace
}  // namespace adjoint

int main(int argc, char** argv) {
  adjoint::Measure(argc > 1 ? std::atoi(argv[1]) : 10,
                   argc > 2 ? std::atoi(argv[2]) : 1);
}
