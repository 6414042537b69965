// What a second thread gains in a training step, at small batches and large:
// it should never lose. Before and after, what cache lines cost that two
// threads hand to one another, for it limits the gain, and a virtual machine
// may move its processors.
//
//   ./bazelw run //bench:threads
//   ./bazelw run //bench:threads -- lenet 1 16 128

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "bench/training_step.h"
#include "framework/adjoint.h"

namespace adjoint {
namespace {

using Clock = std::chrono::steady_clock;

// The mean microseconds of a step in about 100 ms of them.
double TimeBlock(TrainingStep& step) {
  const Clock::time_point start = Clock::now();
  int64_t steps = 0;
  std::chrono::duration<double, std::micro> time{0};
  while (time < std::chrono::milliseconds(100)) {
    step.Run();
    ++steps;
    time = Clock::now() - start;
  }
  return time.count() / static_cast<double>(steps);
}

template <size_t n>
double Median(std::array<double, n> times) {
  std::sort(times.begin(), times.end());
  return times[n / 2];
}

// Two threads take turns: one writes to each of many cache lines, the other
// reads them all. Prints the medians of what a line takes.
void PrintLineCosts() {
  constexpr int kTurns = 101;
  constexpr size_t kLine = 64, kLines = 2048;
  std::vector<char> bytes(kLine * kLines);
  volatile char* const begin = bytes.data();
  std::atomic<int> turn = 0;
  // Takes every other turn, from `first` on.
  const auto take_turns = [&turn, begin](int first, auto touch) {
    std::array<double, kTurns> times;
    for (int i = 0; i < kTurns; ++i) {
      // If they yielded, both might stay on one processor.
      while (turn != 2 * i + first) continue;
      const Clock::time_point start = Clock::now();
      for (size_t j = 0; j < kLines; ++j) touch(begin[kLine * j]);
      times[i] = std::chrono::duration<double, std::nano>(Clock::now() - start)
                     .count() /
                 kLines;
      ++turn;
    }
    return Median(times);
  };
  double read = 0;
  std::thread reader(
      [&] { read = take_turns(1, [](volatile char& byte) { return byte; }); });
  const double write = take_turns(0, [](volatile char& byte) { byte = 1; });
  reader.join();
  absl::PrintF(
      "A cache line takes %.1f ns to read if the other thread has written it, "
      "%.1f ns to\nwrite if it has read it.\n",
      read, write);
}

// In turns, so that what else the machine does concerns both alike.
void Compare(const std::string& model, int64_t batch) {
  TrainingStep step(model, batch);
  std::array<double, 9> one, two;
  for (size_t round = 0; round < one.size(); ++round) {
    for (int threads : {1, 2}) {
      SetNumThreads(threads);
      TimeBlock(step);  // To find out what to share.
      (threads == 1 ? one : two)[round] = TimeBlock(step);
    }
  }
  absl::PrintF(
      "%-6s batch %4d   1 thread %9.1f us   2 threads %9.1f us  %5.2f\n", model,
      batch, Median(one), Median(two), Median(one) / Median(two));
}

}  // namespace
}  // namespace adjoint

int main(int argc, char** argv) {
  const std::string model = argc > 1 ? argv[1] : "mlp";
  std::vector<int64_t> batches;
  for (int i = 2; i < argc; ++i) {
    batches.push_back(0);
    if (!absl::SimpleAtoi(argv[i], &batches.back()) || batches.back() < 1) {
      std::fputs("usage: threads [mlp|lenet|cnn [BATCH...]]\n", stderr);
      return 2;
    }
  }
  if (batches.empty()) batches = {1, 8, 32, 64, 128, 256, 512};
  try {
    adjoint::PrintLineCosts();
    for (int64_t batch : batches) adjoint::Compare(model, batch);
    adjoint::PrintLineCosts();
  } catch (const std::exception& e) {
    std::fprintf(stderr, "threads: %s\n", e.what());
    return 1;
  }
  return 0;
}
