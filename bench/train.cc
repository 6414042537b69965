// One training step of each model: forward, gradient and update. A step of
// train_step has one batch again and again, one of train_batches the next of an
// epoch: the difference is what it costs to gather and to fetch new data.
//
//   ./bazelw run //bench:train

#include <benchmark/benchmark.h>

#include <chrono>
#include <optional>
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

// The batches of one epoch after the other, for ever.
class EndlessBatches {
 public:
  EndlessBatches(const data::Dataset& dataset, int64_t size)
      : batches_(dataset, {.size = size, .seed = 1, .drop_last = true}) {
    BeginEpoch();
  }

  const data::Batch& operator*() const { return **batch_; }

  void Next() {
    if (++*batch_ == epoch_->end()) BeginEpoch();
  }

 private:
  void BeginEpoch() {
    batch_.reset();  // It needs its epoch.
    epoch_.emplace(batches_.Epoch(number_++));
    batch_.emplace(epoch_->begin());
  }

  data::Batches batches_;
  int64_t number_ = 0;
  std::optional<data::Epoch> epoch_;
  std::optional<data::Epoch::Iterator> batch_;
};

struct TrainCase {
  train::Program program;
  int threads;
  bool new_batches;  // Else the same one again and again.
};

void TrainStep(benchmark::State& state, const TrainCase& c) {
  SetNumThreads(c.threads);
  const auto task = c.program.make({.seed = 1});
  if (!task.ok()) {
    state.SkipWithError(std::string(task.status().message()).c_str());
    return;
  }
  const nn::Module& model = (*task)->model();
  const auto optimizer = train::MakeOptimizer(c.program.recipe);
  const int64_t batch_size = c.program.recipe.batch_size;
  EndlessBatches batches((*task)->train_data(), batch_size);
  Rng rng(1);
  const auto step = [&] {
    Tensor loss =
        (*task)->Evaluate(*batches, {.training = true, .rng = &rng}).loss;
    optimizer->Step(model, Grad(std::move(loss), model));
    if (c.new_batches) batches.Next();
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
  state.counters["samples/s"] = n * static_cast<double>(batch_size) / seconds;
  state.counters["GFLOP/s"] = n * counter.flops / 1e9 / seconds;
  state.counters["allocations/step"] =
      static_cast<double>(GetMemoryStats().system_allocations - allocations) /
      n;
  SetNumThreads(0);
}

// Each model at its own batch size.
void RegisterAll() {
  for (const train::Program& program : train::ListedPrograms()) {
    for (bool new_batches : {false, true}) {
      for (int threads : {1, 2}) {
        const TrainCase c = {program, threads, new_batches};
        benchmark::RegisterBenchmark(
            absl::StrCat(new_batches ? "train_batches/" : "train_step/",
                         program.name, "/batch:", program.recipe.batch_size,
                         "/threads:", threads)
                .c_str(),
            [=](benchmark::State& state) { TrainStep(state, c); })
            ->Unit(benchmark::kMicrosecond);
      }
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
