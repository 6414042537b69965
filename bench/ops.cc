// Forward and backward of every op of the catalogue, on the examples that their
// authors marked as worth timing. There is no line per op here.
//
//   ./bazelw run //bench:ops -- --benchmark_filter=softmax

#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "framework/autograd/grad.h"
#include "framework/base/rng.h"
#include "framework/core/catalog.h"
#include "framework/core/observer.h"
#include "framework/ops/arithmetic.h"

namespace adjoint {
namespace {

// What one call of an op does, as it reports it itself.
class Cost final : public Observer {
 public:
  void OnOp(const OpEvent& event) override {
    flops += event.flops;
    bytes += event.bytes;
  }
  double flops = 0;
  int64_t bytes = 0;
};

struct Case {
  CatalogExample example;
  std::vector<Tensor> inputs;
};

// The inputs as leaves, so that the application is recorded.
std::vector<Tensor> Leaves(const std::vector<Tensor>& inputs) {
  std::vector<Tensor> leaves = inputs;
  for (Tensor& x : leaves) {
    if (IsFloat(x.dtype())) x = Leaf(x);
  }
  return leaves;
}

void Forward(benchmark::State& state, const Case& c) {
  Cost cost;
  {
    ObserverScope observe(&cost);
    c.example.apply(c.inputs);
  }
  for (auto _ : state) {
    Tensor y = c.example.apply(c.inputs);
    benchmark::DoNotOptimize(y);
  }
  const double n = static_cast<double>(state.iterations());
  state.counters["GFLOP/s"] =
      benchmark::Counter(cost.flops * n / 1e9, benchmark::Counter::kIsRate);
  state.SetBytesProcessed(cost.bytes * state.iterations());
}

void Backward(benchmark::State& state, const Case& c) {
  const std::vector<Tensor> leaves = Leaves(c.inputs);
  std::vector<Tensor> variables;
  for (const Tensor& x : leaves) {
    if (x.node()) variables.push_back(x);
  }
  const Tensor y = c.example.apply(leaves);
  const Tensor seed = Ones(y.shape(), y.dtype());
  for (auto _ : state) {
    std::vector<Tensor> dx = Grad(y, variables, {.seed = seed});
    benchmark::DoNotOptimize(dx);
  }
}

void RegisterCatalog() {
  for (const CatalogEntry& entry : Catalog()) {
    for (const CatalogExample& example : entry.examples()) {
      if (!example.timed) continue;
      Case c = {example, {}};
      Rng rng(1);
      std::string shapes = absl::StrJoin(
          example.inputs, ",", [](std::string* out, const Operand& operand) {
            absl::StrAppend(out, operand.shape.ToString());
          });
      for (const Operand& operand : example.inputs) {
        c.inputs.push_back(Draw(operand, DType::kF32, rng));
      }
      const std::string name = absl::StrCat(entry.name, "/", shapes);
      benchmark::RegisterBenchmark(
          absl::StrCat("forward/", name).c_str(),
          [c](benchmark::State& state) { Forward(state, c); })
          ->UseRealTime();
      if (!entry.differentiable) continue;
      benchmark::RegisterBenchmark(
          absl::StrCat("backward/", name).c_str(),
          [c](benchmark::State& state) { Backward(state, c); })
          ->UseRealTime();
    }
  }
}

}  // namespace
}  // namespace adjoint

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  adjoint::RegisterCatalog();
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
