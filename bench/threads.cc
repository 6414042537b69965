// What a second thread gains in a training step, at small batches and large:
// it should never lose.
//
//   ./bazelw run //bench:threads
//   ./bazelw run //bench:threads -- lenet 1 16 128

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <string>
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

double Median(std::array<double, 9> times) {
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
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
    for (int64_t batch : batches) adjoint::Compare(model, batch);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "threads: %s\n", e.what());
    return 1;
  }
  return 0;
}
