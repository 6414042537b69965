// The time of one training step, for bench/peers/compare.py: the peers'
// programs take the same words and print the same line of JSON.
//
//   ./bazelw run //bench:step -- mlp 32 1 500

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "bench/training_step.h"
#include "framework/adjoint.h"

namespace adjoint {
namespace {

constexpr int kBlocks = 9;

// The mean microseconds of `steps` steps.
double TimeBlock(TrainingStep& step, int64_t steps) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point start = Clock::now();
  for (int64_t i = 0; i < steps; ++i) step.Run();
  const std::chrono::duration<double, std::micro> time = Clock::now() - start;
  return time.count() / static_cast<double>(steps);
}

void Measure(absl::string_view model, int64_t batch, int threads,
             int64_t steps) {
  SetNumThreads(threads);
  TrainingStep step(model, batch);
  TimeBlock(step, std::max<int64_t>(steps / 4, 3));  // To warm up.
  std::vector<double> blocks(kBlocks);
  for (double& block : blocks) block = TimeBlock(step, steps);
  std::sort(blocks.begin(), blocks.end());
  absl::PrintF(
      "{\"case\": \"%s\", \"batch\": %d, \"threads\": %d, \"steps\": %d, "
      "\"blocks\": %d, \"median_us\": %.2f, \"min_us\": %.2f, "
      "\"parameters\": %d, \"loss\": %g}\n",
      model, batch, threads, steps, kBlocks, blocks[kBlocks / 2], blocks[0],
      nn::CountParameters(step.model()), step.Loss());
}

}  // namespace
}  // namespace adjoint

int main(int argc, char** argv) {
  int64_t batch, steps;
  int threads;
  if (argc != 5 || !absl::SimpleAtoi(argv[2], &batch) ||
      !absl::SimpleAtoi(argv[3], &threads) ||
      !absl::SimpleAtoi(argv[4], &steps) || batch < 1 || threads < 1 ||
      steps < 1) {
    std::fputs("usage: step mlp|lenet|cnn BATCH THREADS STEPS\n", stderr);
    return 2;
  }
  try {
    adjoint::Measure(argv[1], batch, threads, steps);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "step: %s\n", e.what());
    return 1;
  }
  return 0;
}
