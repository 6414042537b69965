// One training step of a model: forward, gradient and update.
//
//   ./bazelw run //bench:train

#include <benchmark/benchmark.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "framework/adjoint.h"
#include "models/mnist_mlp/model.h"

namespace adjoint {
namespace {

// Sums the operations of all ops.
class FlopCounter final : public Observer {
 public:
  void OnOp(const OpEvent& event) override { flops += event.flops; }
  double flops = 0;
};

void TrainStep(benchmark::State& state, int64_t batch, int threads) {
  SetNumThreads(threads);
  Rng rng(1);
  const nn::Sequential model = models::MakeMlp({}, rng);
  optim::Sgd sgd({.learning_rate = 0.1, .momentum = 0.9});
  const Tensor x = RandomUniform({batch, 784}, 0, 1, rng);
  std::vector<int32_t> labels(batch);
  for (int32_t& label : labels) label = rng.NextBelow(10);
  const Tensor y = FromSpan<int32_t>({batch}, labels);
  const auto step = [&] {
    Tensor loss = SoftmaxCrossEntropy(model(x, {.training = true}), y);
    sgd.Step(model, Grad(std::move(loss), model));
  };
  FlopCounter counter;
  {
    ObserverScope observe(&counter);
    step();
  }
  for (int i = 0; i < 3; ++i) step();  // Fills the memory cache.
  const int64_t allocations = GetMemoryStats().system_allocations;
  // Rates by the clock on the wall, for the library's own count only the time
  // of the calling thread.
  const auto start = std::chrono::steady_clock::now();
  for (auto _ : state) step();
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
          .count();
  const double n = static_cast<double>(state.iterations());
  state.counters["samples/s"] = n * static_cast<double>(batch) / seconds;
  state.counters["GFLOP/s"] = n * counter.flops / 1e9 / seconds;
  state.counters["allocations/step"] =
      static_cast<double>(GetMemoryStats().system_allocations - allocations) /
      n;
  SetNumThreads(0);
}

void RegisterAll() {
  for (int64_t batch : {1, 32, 128, 512}) {
    for (int threads : {1, 2}) {
      benchmark::RegisterBenchmark(
          absl::StrCat("train_step/mnist_mlp/batch:", batch,
                       "/threads:", threads)
              .c_str(),
          [=](benchmark::State& state) { TrainStep(state, batch, threads); })
          ->Unit(benchmark::kMicrosecond);
    }
  }
}

}  // namespace
}  // namespace adjoint

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  adjoint::RegisterAll();
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
