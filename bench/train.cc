// One training step of each model: forward, gradient and update.
//
//   ./bazelw run //bench:train

#include <benchmark/benchmark.h>

#include <chrono>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "framework/adjoint.h"

namespace adjoint {
namespace {

// Sums the operations of all ops.
class FlopCounter final : public Observer {
 public:
  void OnOp(const OpEvent& event) override { flops += event.flops; }
  double flops = 0;
};

void TrainStep(benchmark::State& state, const train::Program& program,
               int threads) {
  SetNumThreads(threads);
  const auto task = program.make({.seed = 1});
  if (!task.ok()) {
    state.SkipWithError(std::string(task.status().message()).c_str());
    return;
  }
  const nn::Module& model = (*task)->model();
  const auto optimizer = train::MakeOptimizer(program.recipe);
  const data::Batch batch =
      *data::Batches((*task)->train_data(), {.size = program.recipe.batch_size})
           .Epoch(0)
           .begin();
  Rng rng(1);
  const auto step = [&] {
    Tensor loss =
        (*task)->Evaluate(batch, {.training = true, .rng = &rng}).loss;
    optimizer->Step(model, Grad(std::move(loss), model));
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
  state.counters["samples/s"] = n * static_cast<double>(batch.size()) / seconds;
  state.counters["GFLOP/s"] = n * counter.flops / 1e9 / seconds;
  state.counters["allocations/step"] =
      static_cast<double>(GetMemoryStats().system_allocations - allocations) /
      n;
  SetNumThreads(0);
}

// Each model at its own batch size.
void RegisterAll() {
  for (const train::Program& program : train::ListedPrograms()) {
    for (int threads : {1, 2}) {
      benchmark::RegisterBenchmark(
          absl::StrCat("train_step/", program.name, "/batch:",
                       program.recipe.batch_size, "/threads:", threads)
              .c_str(),
          [=](benchmark::State& state) { TrainStep(state, program, threads); })
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
