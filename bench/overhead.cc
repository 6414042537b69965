// What the graph costs beside the arithmetic: record, differentiate and free an
// op of two elements.
//
//   ./bazelw run //bench:overhead

#include <benchmark/benchmark.h>

#include <utility>
#include <vector>

#include "framework/adjoint.h"

namespace adjoint {
namespace {

void Apply(benchmark::State& state) {
  const Tensor x = FromValues({2}, {1, 2});
  for (auto _ : state) {
    Tensor y = x + x;
    benchmark::DoNotOptimize(y);
  }
}
BENCHMARK(Apply)->Name("overhead/apply");

void Record(benchmark::State& state) {
  const Tensor x = Leaf(FromValues({2}, {1, 2}));
  for (auto _ : state) {
    Tensor y = x + x;
    benchmark::DoNotOptimize(y);
  }
}
BENCHMARK(Record)->Name("overhead/record");

// One op more on a chain, and its share of the chain's backward and freeing.
void RecordBackwardFree(benchmark::State& state) {
  const int64_t length = state.range(0);
  const Tensor x = Leaf(FromValues({2}, {1, 2}));
  const Tensor seed = Ones({2});
  for (auto _ : state) {
    Tensor y = x;
    for (int64_t i = 0; i < length; ++i) y = -y;
    std::vector<Tensor> dx = Grad(std::move(y), {x}, {.seed = seed});
    benchmark::DoNotOptimize(dx);
  }
  state.counters["seconds_per_op"] = benchmark::Counter(
      static_cast<double>(state.iterations() * length),
      benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
BENCHMARK(RecordBackwardFree)
    ->Name("overhead/record_backward_free")
    ->ArgName("ops")
    ->Arg(1)
    ->Arg(1000);

}  // namespace
}  // namespace adjoint
