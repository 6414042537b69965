// What a run's folder costs: epochs of mnist_mlp by the program, with all that
// it writes, against the same training alone, in turns; by the clock, and by
// the processor time of all threads, to which a busy machine does less. One
// pair varies by more than what is sought: many have a middle that does not.
//
//   ./bazelw run //bench:logging -- 50 1 10    # pairs, threads, epochs

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <numeric>
#include <vector>

#include "absl/strings/str_format.h"
#include "framework/adjoint.h"
#include "framework/train/session.h"

namespace adjoint {
namespace {

struct Time {
  double wall, processor;  // Seconds.
};

Time operator-(Time a, Time b) {
  return {a.wall - b.wall, a.processor - b.processor};
}

Time Now() {
  const auto seconds = [](clockid_t clock) {
    timespec time;
    clock_gettime(clock, &time);
    return static_cast<double>(time.tv_sec) +
           1e-9 * static_cast<double>(time.tv_nsec);
  };
  return {seconds(CLOCK_MONOTONIC), seconds(CLOCK_PROCESS_CPUTIME_ID)};
}

// What `run` takes with `program`, but for reading the data, which is the most
// uneven.
template <class Run>
Time TimeOf(const train::Program& program, Run run) {
  Time reading = {};
  train::Program timed = program;
  timed.make = [&](const train::TaskOptions& options) {
    const Time start = Now();
    auto task = program.make(options);
    reading = Now() - start;
    return task;
  };
  const Time start = Now();
  run(timed);
  return Now() - start - reading;
}

void TrainAlone(const train::Program& program,
                const train::SharedFlags& flags) {
  SetNumThreads(flags.threads);  // Threads that know nothing yet, as a run has.
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

double MeanOf(const std::vector<double>& x) {
  return std::accumulate(x.begin(), x.end(), 0.) /
         static_cast<double>(x.size());
}

// By how much pairs differ, in percent of the mean of the first: the mean of
// the middle three fifths, with its standard error (Tukey and McLaughlin,
// "Less vulnerable confidence and significance procedures for location", 1963),
// for a neighbour's burst in one run of a pair is larger than what is sought;
// then the median and the mean of all.
void Print(const char* name, const std::vector<double>& alone,
           const std::vector<double>& whole) {
  const size_t n = alone.size(), cut = n / 5, left = n - 2 * cut;
  std::vector<double> more;
  double base = 0;
  for (size_t i = 0; i < n; ++i) {
    more.push_back(whole[i] - alone[i]);
    base += alone[i] / static_cast<double>(n);
  }
  const double plain = MeanOf(more);
  std::sort(more.begin(), more.end());
  const double median = (more[(n - 1) / 2] + more[n / 2]) / 2;
  const double trimmed =
      MeanOf({more.begin() + cut, more.begin() + cut + left});
  // The deviation of all, with those beyond the middle brought to its ends.
  for (double& m : more) m = std::clamp(m, more[cut], more[cut + left - 1]);
  const double center = MeanOf(more);
  double squares = 0;
  for (const double m : more) squares += std::pow(m - center, 2);
  const auto count = static_cast<double>(n);
  const double error =
      std::sqrt(squares / (count - 1) * count) / static_cast<double>(left);
  absl::FPrintF(stderr,
                "  %-9s  alone %.3f s, with a folder %+.2f %% +- %.2f; median "
                "%+.2f %%, mean %+.2f %%\n",
                name, base, 100 * trimmed / base, 100 * error / base,
                100 * median / base, 100 * plain / base);
}

void Measure(int pairs, int threads, int epochs) {
  const train::Program program = train::ListedPrograms().at(0);
  train::SharedFlags flags = {.recipe = program.recipe, .threads = threads};
  flags.recipe.epochs = epochs;
  flags.quiet = true;
  flags.run_dir = std::filesystem::temp_directory_path() /
                  absl::StrFormat("logging-%d", getpid());
  const auto alone = [&] {
    return TimeOf(program, [&](const auto& p) { TrainAlone(p, flags); });
  };
  const auto with_folder = [&] {
    std::filesystem::remove_all(flags.run_dir);
    return TimeOf(program, [&](const auto& p) { TrainWithFolder(p, flags); });
  };
  alone();  // Warms up.
  std::vector<double> wall[2], processor[2];
  for (int pair = 0; pair < pairs; ++pair) {
    // Each is the first one in half of the pairs.
    for (const bool whole : {pair % 2 == 1, pair % 2 == 0}) {
      const Time time = whole ? with_folder() : alone();
      wall[whole].push_back(time.wall);
      processor[whole].push_back(time.processor);
    }
  }
  std::filesystem::remove_all(flags.run_dir);
  absl::FPrintF(stderr, "%s, %d epochs, %d threads, %d pairs\n", program.name,
                epochs, threads, pairs);
  Print("wall", wall[0], wall[1]);
  Print("processor", processor[0], processor[1]);
}

}  // namespace
}  // namespace adjoint

int main(int argc, char** argv) {
  adjoint::Measure(argc > 1 ? std::atoi(argv[1]) : 50,
                   argc > 2 ? std::atoi(argv[2]) : 1,
                   argc > 3 ? std::atoi(argv[3]) : 10);
}
