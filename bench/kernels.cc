// How near each kernel but the matrix product comes to copying memory.
//
//   ./bazelw run //bench:kernels -- --benchmark_filter='softmax.*/f32'
//
// A case moves about 16 KiB, 256 KiB or 4 MiB, what the first, second and third
// cache hold, on one thread. `percent_of_copy` is its bytes a second against
// those of a copy of as many bytes in the same process. Cases call what users
// call, so the small ones show what an op costs beside its loop.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bench/kernel_work.h"
#include "framework/adjoint.h"

namespace adjoint {
namespace {

struct Case {
  std::string name;
  MakeWork make;
};

Function Along(Tensor (*fn)(const Tensor&, int), int axis) {
  return [=](const Tensor& x) { return fn(x, axis); };
}

Function SumOver(int axis) {
  return [=](const Tensor& x) { return Sum(x, {axis}); };
}

Function MaxOver(int axis) {
  return [=](const Tensor& x) { return Max(x, {axis}); };
}

// Of rows that are seen as `row`, a shape that begins with 1.
MakeWork Transposed(const Shape& row, const std::vector<int>& axes) {
  return Rows(row.size(), 2, [=](const Tensor& x) {
    return Transpose(Reshape(x, row.With(0, x.shape()[0])), axes);
  });
}

// Sums over all but the second axis.
MakeWork SumToChannels(const Shape& row) {
  return Rows(row.size(), 1, [=](const Tensor& x) {
    return Sum(Reshape(x, row.With(0, x.shape()[0])), {0, 2, 3});
  });
}

MakeWork PowerOf(double c) {
  return Rows(1, 2, [c](const Tensor& x) { return Pow(x, c); });
}

Tensor LayerNormed(const Tensor& x) {
  const Tensor w = Ones({x.shape()[1]}, x.dtype());
  return LayerNorm(x, w, w);
}

Tensor BatchNormed(const Tensor& x) {
  const Tensor w = Ones({x.shape()[1]}, x.dtype());
  return BatchNorm(x, w, w);
}

// Of images [16, 28, 28].
template <class Options>
MakeWork Pooled(Tensor (*fn)(const Tensor&, const Options&),
                const Options& options) {
  return Rows(16 * 28 * 28, 1, [=](const Tensor& x) {
    return fn(Reshape(x, {x.shape()[0], 16, 28, 28}), options);
  });
}
template <class Options>
MakeWork PooledBackward(Tensor (*fn)(const Tensor&, const Options&),
                        const Options& options) {
  return Backward({1, 16, 28, 28}, 2,
                  [=](const Tensor& x) { return fn(x, options); });
}

template <class OptimizerT, class Options>
MakeWork StepOf(const Options& options, int slots, double factor = 1) {
  return Step(std::make_shared<OptimizerT>(options), slots, factor);
}

std::vector<Case> Cases() {
  return {
      {"add", Binary([](const Tensor& a, const Tensor& b) { return a + b; })},
      {"div", Binary([](const Tensor& a, const Tensor& b) { return a / b; })},
      {"add_scalar", Unary([](const Tensor& x) { return x + 1; })},
      {"add_bias/64", Rows(64, 2,
                           [](const Tensor& x) {
                             return x + Slice(Reshape(x, {-1}), 0, 0, 64);
                           })},
      {"mul_rows/64",
       Rows(64, 2, [](const Tensor& x) { return x * Slice(x, 1, 0, 1); })},
      {"add_bias/112", Rows(112, 2,
                            [](const Tensor& x) {
                              return x + Slice(Reshape(x, {-1}), 0, 0, 112);
                            })},
      {"mul_rows/112",
       Rows(112, 2, [](const Tensor& x) { return x * Slice(x, 1, 0, 1); })},
      {"maximum", Binary(Maximum)},
      {"clamp", Unary([](const Tensor& x) { return Clamp(x, -1, 1); })},
      {"abs", Unary(Abs)},
      {"sign", Unary(Sign)},
      {"relu", Unary(Relu)},
      {"leaky_relu", Unary([](const Tensor& x) { return LeakyRelu(x, 0.1); })},
      {"sqrt", Unary(Sqrt, 0)},
      {"exp", Unary(Exp)},
      {"log", Unary(Log, 0.1)},
      {"tanh", Unary(Tanh)},
      {"sigmoid", Unary(Sigmoid)},
      {"softplus", Unary(Softplus)},
      {"gelu", Unary(Gelu)},
      {"silu", Unary(Silu)},
      {"sin", Unary(Sin)},
      {"pow/2", PowerOf(2)},
      {"pow/3", PowerOf(3)},
      {"pow/0.5", PowerOf(0.5)},
      {"pow/-0.5", PowerOf(-0.5)},
      {"pow/2.5", PowerOf(2.5)},
      {"relu_backward", Backward({1}, 3, Relu)},
      {"gelu_backward", Backward({1}, 3, Gelu)},
      {"silu_backward", Backward({1}, 3, Silu)},
      {"tanh_backward", Backward({1}, 3, Tanh)},
      {"where", Choice()},
      {"cast", Unary([](const Tensor& x) {
         return Cast(x, x.dtype() == DType::kF32 ? DType::kF64 : DType::kF32);
       })},
      {"cast_index", OfIndices(1, 256, Cast)},
      {"one_hot/10", OfIndices(10, 10,
                               [](const Tensor& i, DType dtype) {
                                 return OneHot(i, 10, dtype);
                               })},
      {"sum", Rows(0, 1, [](const Tensor& x) { return Sum(x); })},
      {"sum/rows", Rows(0, 1, SumOver(1))},
      {"sum/rows_of_10", Rows(10, 1, SumOver(1))},
      {"sum/columns", Rows(0, 1, SumOver(0))},
      {"sum/columns_of_10", Rows(10, 1, SumOver(0))},
      {"sum/columns_of_64", Rows(64, 1, SumOver(0))},
      {"sum/channels_of_7x7", SumToChannels({1, 16, 7, 7})},
      {"sum/channels_of_14x14", SumToChannels({1, 4, 14, 14})},
      {"max", Rows(0, 1, [](const Tensor& x) { return Max(x); })},
      {"max/rows_of_10", Rows(10, 1, MaxOver(1))},
      {"max/rows_of_64", Rows(64, 1, MaxOver(1))},
      {"max/columns", Rows(0, 1, MaxOver(0))},
      {"max/columns_of_10", Rows(10, 1, MaxOver(0))},
      {"softmax/rows", Rows(0, 2, Along(Softmax, -1))},
      {"softmax/rows_of_10", Rows(10, 2, Along(Softmax, -1))},
      {"softmax/columns", Rows(0, 2, Along(Softmax, 0))},
      {"log_softmax/rows", Rows(0, 2, Along(LogSoftmax, -1))},
      {"log_softmax/rows_of_10", Rows(10, 2, Along(LogSoftmax, -1))},
      {"cross_entropy/10", Rows(10, 1, Losses)},
      {"cross_entropy/64", Rows(64, 1, Losses)},
      {"cross_entropy/1000", Rows(1000, 1, Losses)},
      {"cross_entropy_backward/10", Backward({1, 10}, 2, Losses)},
      {"cross_entropy_backward/64", Backward({1, 64}, 2, Losses)},
      {"cross_entropy_backward/1000", Backward({1, 1000}, 2, Losses)},
      {"batch_norm/7x7", Normed(7, true)},
      {"batch_norm/14x14", Normed(14, true)},
      {"batch_norm/28x28", Normed(28, true)},
      {"batch_norm/1x1", Normed(1, true)},
      {"batch_norm_given/7x7", Normed(7, false)},
      {"batch_norm_given/28x28", Normed(28, false)},
      {"batch_norm_given/1x1", Normed(1, false)},
      {"batch_norm_backward/1x1", Backward({1, 64}, 3, BatchNormed)},
      {"batch_norm_backward/7x7", Backward({1, 16, 7, 7}, 3, BatchNormed)},
      {"batch_norm_backward/14x14", Backward({1, 16, 14, 14}, 3, BatchNormed)},
      {"layer_norm/64", Rows(64, 2, LayerNormed)},
      {"layer_norm/rows", Rows(0, 2, LayerNormed)},
      {"layer_norm_backward/16", Backward({1, 16}, 3, LayerNormed)},
      {"layer_norm_backward/64", Backward({1, 64}, 3, LayerNormed)},
      {"layer_norm_backward/256", Backward({1, 256}, 3, LayerNormed)},
      {"transpose", Rows(0, 2, [](const Tensor& x) { return Transpose(x); })},
      {"transpose/rows_of_10",
       Rows(10, 2, [](const Tensor& x) { return Transpose(x); })},
      {"transpose/0213", Transposed({1, 4, 4, 16}, {0, 2, 1, 3})},
      {"transpose/0231", Transposed({1, 16, 4, 4}, {0, 2, 3, 1})},
      {"transpose/102", Transposed({1, 16, 16}, {1, 0, 2})},
      {"concat/columns_of_64", Rows(64, 3,
                                    [](const Tensor& x) {
                                      return Concat({x, x}, 1);
                                    })},
      {"slice/columns_of_64",
       Rows(64, 1, [](const Tensor& x) { return Slice(x, 1, 8, 40); })},
      {"pad/columns_of_64",
       Rows(64, 2, [](const Tensor& x) { return Pad(x, 1, 2, 2); })},
      {"max_pool/2x2", Pooled<MaxPool2dOptions>(MaxPool2d, {.kernel = 2})},
      {"max_pool/3x3_by_2",
       Pooled<MaxPool2dOptions>(MaxPool2d,
                                {.kernel = 3, .stride = 2, .padding = 1})},
      {"avg_pool/2x2", Pooled<AvgPool2dOptions>(AvgPool2d, {.kernel = 2})},
      {"avg_pool/3x3_by_2",
       Pooled<AvgPool2dOptions>(AvgPool2d,
                                {.kernel = 3, .stride = 2, .padding = 1})},
      {"avg_pool/3x3",
       Pooled<AvgPool2dOptions>(AvgPool2d,
                                {.kernel = 3, .stride = 1, .padding = 1})},
      {"max_pool_backward/2x2",
       PooledBackward<MaxPool2dOptions>(MaxPool2d, {.kernel = 2})},
      {"max_pool_backward/3x3_by_2",
       PooledBackward<MaxPool2dOptions>(
           MaxPool2d, {.kernel = 3, .stride = 2, .padding = 1})},
      {"max_pool_backward/3x3",
       PooledBackward<MaxPool2dOptions>(
           MaxPool2d, {.kernel = 3, .stride = 1, .padding = 1})},
      {"max_pool_backward/3x3_by_3",
       PooledBackward<MaxPool2dOptions>(MaxPool2d, {.kernel = 3})},
      {"avg_pool_backward/2x2",
       PooledBackward<AvgPool2dOptions>(AvgPool2d, {.kernel = 2})},
      {"avg_pool_backward/3x3_by_2",
       PooledBackward<AvgPool2dOptions>(
           AvgPool2d, {.kernel = 3, .stride = 2, .padding = 1})},
      {"lstm/128", Recurrent(128)},
      {"lstm_backward/128", RecurrentBackward(128)},
      {"embedding/64", Embedded()},
      {"embedding_backward/64", EmbeddedBackward()},
      {"uniform", Random([](const Shape& s, Rng& rng, DType dtype) {
         return RandomUniform(s, -1, 1, rng, dtype);
       })},
      {"normal", Random([](const Shape& s, Rng& rng, DType dtype) {
         return RandomNormal(s, 0, 1, rng, dtype);
       })},
      {"bernoulli", Random([](const Shape& s, Rng& rng, DType dtype) {
         return RandomBernoulli(s, 0.5, rng, dtype);
       })},
      {"dropout", Dropped()},
      {"sgd", StepOf<optim::Sgd>(optim::SgdOptions{}, 0)},
      {"momentum", StepOf<optim::Sgd>(optim::SgdOptions{.momentum = 0.9}, 1)},
      {"momentum_scaled",
       StepOf<optim::Sgd>(optim::SgdOptions{.momentum = 0.9}, 1, 0.5)},
      {"nesterov",
       StepOf<optim::Sgd>(optim::SgdOptions{.momentum = 0.9, .nesterov = true},
                          1)},
      {"adam", StepOf<optim::Adam>(optim::AdamOptions{}, 2)},
      {"adamw",
       StepOf<optim::Adam>(optim::AdamOptions{.weight_decay = 0.01,
                                              .decoupled_weight_decay = true},
                           2)},
      {"rmsprop", StepOf<optim::Rmsprop>(optim::RmspropOptions{}, 1)},
      {"rmsprop_centered",
       StepOf<optim::Rmsprop>(
           optim::RmspropOptions{.centered = true, .momentum = 0.9}, 3)},
      {"adagrad", StepOf<optim::Adagrad>(optim::AdagradOptions{}, 1)},
      {"all_finite", OfGradients(optim::AllFinite)},
      {"global_norm", OfGradients(optim::GlobalNorm)},
  };
}

// Bytes a second, read and written, of the copy that moves `bytes`: the best of
// many runs.
double CopyBandwidth(int64_t bytes) {
  static std::map<int64_t, double>* const known =
      new std::map<int64_t, double>();
  double& best = (*known)[bytes];
  if (best > 0) return best;
  using Clock = std::chrono::steady_clock;
  std::vector<char> from(bytes / 2, 1), to(bytes / 2);
  const int64_t repeats = std::max<int64_t>(1, (4 << 20) / bytes);
  for (int run = 0; run < 50; ++run) {
    const Clock::time_point start = Clock::now();
    for (int64_t i = 0; i < repeats; ++i) {
      std::memcpy(to.data(), from.data(), from.size());
      benchmark::DoNotOptimize(to.data());
      benchmark::ClobberMemory();
    }
    const std::chrono::duration<double> time = Clock::now() - start;
    best = std::max(best, static_cast<double>(repeats * bytes) / time.count());
  }
  return best;
}

void Run(benchmark::State& state, const Case& c, int64_t bytes, DType dtype) {
  SetNumThreads(1);
  const Work work = c.make(bytes, dtype);
  work.run();
  for (auto _ : state) work.run();
  const int64_t moved = work.bytes * state.iterations();
  state.SetBytesProcessed(moved);
  state.counters["percent_of_copy"] = benchmark::Counter(
      100 * static_cast<double>(moved) / CopyBandwidth(bytes),
      benchmark::Counter::kIsRate);
}

}  // namespace
}  // namespace adjoint

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  for (const adjoint::Case& c : adjoint::Cases()) {
    for (const auto dtype : {adjoint::DType::kF32, adjoint::DType::kF64}) {
      for (const int64_t kib : {16, 256, 4096}) {
        benchmark::RegisterBenchmark(
            absl::StrCat(c.name,
                         dtype == adjoint::DType::kF32 ? "/f32" : "/f64", "/",
                         kib, "KiB")
                .c_str(),
            [=](benchmark::State& state) {
              adjoint::Run(state, c, kib * 1024, dtype);
            });
      }
    }
  }
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
