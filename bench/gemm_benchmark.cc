#include "bench/gemm_benchmark.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <random>
#include <string>
#include <type_traits>
#include <vector>

#include "benchmark/benchmark.h"
#include "framework/base/parallel_for.h"
#include "hwy/aligned_allocator.h"

// foreach_target.h includes this file again for each target, so it comes first.
// clang-format off
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "bench/gemm_benchmark.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace adjoint::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Does so many floating-point operations, rounded down, in ten independent
// chains of multiply-adds: more than the latency (4 or 5) times the number (2)
// of the units that do them.
template <class T>
void MultiplyAdds(int64_t operations, T* result) {
  const hn::ScalableTag<T> d;
  const int64_t steps = operations / (10 * 2 * hn::Lanes(d));
  const auto a = hn::Set(d, T(0.5));
  // Each begins elsewhere, or the compiler would compute one for all.
  auto s0 = hn::Set(d, T(0)), s1 = hn::Set(d, T(1)), s2 = hn::Set(d, T(2));
  auto s3 = hn::Set(d, T(3)), s4 = hn::Set(d, T(4)), s5 = hn::Set(d, T(5));
  auto s6 = hn::Set(d, T(6)), s7 = hn::Set(d, T(7)), s8 = hn::Set(d, T(8));
  auto s9 = hn::Set(d, T(9));
  for (int64_t i = 0; i < steps; ++i) {
    s0 = hn::MulAdd(s0, a, a);
    s1 = hn::MulAdd(s1, a, a);
    s2 = hn::MulAdd(s2, a, a);
    s3 = hn::MulAdd(s3, a, a);
    s4 = hn::MulAdd(s4, a, a);
    s5 = hn::MulAdd(s5, a, a);
    s6 = hn::MulAdd(s6, a, a);
    s7 = hn::MulAdd(s7, a, a);
    s8 = hn::MulAdd(s8, a, a);
    s9 = hn::MulAdd(s9, a, a);
  }
  s0 = hn::Add(hn::Add(hn::Add(s0, s1), hn::Add(s2, s3)),
               hn::Add(hn::Add(s4, s5), hn::Add(s6, s7)));
  *result = hn::GetLane(hn::Add(s0, hn::Add(s8, s9)));
}

void MultiplyAdds_float(int64_t operations, float* result) {
  MultiplyAdds(operations, result);
}
void MultiplyAdds_double(int64_t operations, double* result) {
  MultiplyAdds(operations, result);
}

}  // namespace adjoint::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace adjoint {
namespace {

HWY_EXPORT(MultiplyAdds_float);
HWY_EXPORT(MultiplyAdds_double);

template <class T>
void MultiplyAdds(int64_t operations, T* result) {
  if constexpr (std::is_same_v<T, float>) {
    HWY_DYNAMIC_DISPATCH(MultiplyAdds_float)(operations, result);
  } else {
    HWY_DYNAMIC_DISPATCH(MultiplyAdds_double)(operations, result);
  }
}

// Operations of a turn: some 150 microseconds at the peak.
constexpr double kTurn = 1 << 25;

// Seconds that `work` takes.
template <class Work>
double Seconds(Work work) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point start = Clock::now();
  work();
  return std::chrono::duration<double>(Clock::now() - start).count();
}

double Median(std::vector<double> x) {
  const auto middle = x.begin() + x.size() / 2;
  std::nth_element(x.begin(), middle, x.end());
  return *middle;
}

// Products and plain multiply-adds take turns of as many operations each, so
// that a change of the clock, or another process, meets both alike. A share of
// the peak is the ratio of two turns side by side, and what is reported the
// median of all.
template <class T>
void RunGemm(benchmark::State& state, GemmFunction<T> gemm, int64_t m,
             int64_t n, int64_t k, bool transpose_a, bool transpose_b) {
  SetNumThreads(1);
  std::mt19937 random(1);
  std::uniform_real_distribution<T> uniform(-1, 1);
  // Aligned as tensors are: else each vector lies in two cache lines.
  const auto a = hwy::AllocateAligned<T>(m * k);
  const auto b = hwy::AllocateAligned<T>(k * n);
  const auto c = hwy::AllocateAligned<T>(m * n);
  std::generate_n(a.get(), m * k, [&] { return uniform(random); });
  std::generate_n(b.get(), k * n, [&] { return uniform(random); });
  const double operations = 2. * m * n * k;
  const int64_t count = std::ceil(kTurn / operations);
  std::vector<double> seconds, shares;
  while (state.KeepRunningBatch(count)) {
    seconds.push_back(Seconds([&] {
      for (int64_t i = 0; i < count; ++i) {
        gemm(m, n, k, {a.get(), transpose_a ? m : k, transpose_a},
             {b.get(), transpose_b ? k : n, transpose_b}, c.get());
        benchmark::DoNotOptimize(c.get());
        benchmark::ClobberMemory();
      }
    }));
    state.SetIterationTime(seconds.back());
    const double at_peak = Seconds([&] {
      T result;
      MultiplyAdds<T>(count * operations, &result);
      benchmark::DoNotOptimize(result);
    });
    shares.push_back(at_peak / seconds.back());
  }
  state.counters["GFLOP/s"] = 1e-9 * count * operations / Median(seconds);
  state.counters["percent_of_peak"] = 100 * Median(shares);
}

struct GemmShape {
  int64_t m, n, k;
  std::string transposes;  // Of A and of B: "NT".
};

// A linear layer: forward, the gradient of the weights, of the input.
void AddLinear(int64_t batch, int64_t in, int64_t out,
               std::vector<GemmShape>& shapes) {
  shapes.push_back({batch, out, in, "NT"});
  shapes.push_back({out, in, batch, "TN"});
  shapes.push_back({batch, in, out, "NN"});
}

// A convolution's chunk of `positions` of y, whose windows have `window`
// elements, as framework/kernels/conv.cc cuts and transposes it: likewise.
void AddConv(int64_t window, int64_t out, int64_t positions,
             std::vector<GemmShape>& shapes) {
  shapes.push_back({out, positions, window, "NN"});
  if (out >= 16) {
    shapes.push_back({window, out, positions, "NT"});
  } else {
    shapes.push_back({out, window, positions, "NT"});
  }
  shapes.push_back({window, positions, out, "TN"});
}

std::vector<GemmShape> Shapes() {
  std::vector<GemmShape> shapes;
  for (const char* transposes : {"NN", "NT", "TN", "TT"}) {
    shapes.push_back({512, 512, 512, transposes});
    shapes.push_back({128, 128, 784, transposes});
    shapes.push_back({784, 128, 128, transposes});
    shapes.push_back({128, 784, 128, transposes});
  }
  // A perceptron 784-128-64-10.
  for (const int64_t batch : {1, 32, 128, 512}) {
    AddLinear(batch, 784, 128, shapes);
    AddLinear(batch, 128, 64, shapes);
    AddLinear(batch, 64, 10, shapes);
  }
  // LeNet-5, batches of 64.
  AddConv(25, 6, 784, shapes);
  AddConv(150, 16, 200, shapes);
  AddLinear(64, 400, 120, shapes);
  AddLinear(64, 120, 84, shapes);
  AddLinear(64, 84, 10, shapes);
  // PyTorch's example for MNIST, batches of 64.
  AddConv(9, 32, 676, shapes);
  AddConv(288, 64, 288, shapes);
  AddLinear(64, 9216, 128, shapes);
  // One row, one column, rank one.
  shapes.push_back({1, 1024, 1024, "NN"});
  shapes.push_back({1, 1024, 1024, "NT"});
  shapes.push_back({1024, 1, 1024, "NN"});
  shapes.push_back({1024, 1, 1024, "TN"});
  shapes.push_back({1024, 1024, 1, "NN"});
  return shapes;
}

template <class T>
void Register(const std::string& prefix, GemmFunction<T> gemm,
              const GemmShape& s) {
  const std::string name = prefix + std::to_string(s.m) + "x" +
                           std::to_string(s.n) + "x" + std::to_string(s.k) +
                           "/" + s.transposes + "/threads:1";
  benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& state) {
    RunGemm<T>(state, gemm, s.m, s.n, s.k, s.transposes[0] == 'T',
               s.transposes[1] == 'T');
  })->UseManualTime();
}

}  // namespace

void RegisterGemm(const std::string& name, GemmFunction<float> f32,
                  GemmFunction<double> f64) {
  for (const GemmShape& shape : Shapes()) {
    Register<float>(name + "/f32/", f32, shape);
    if (f64 && shape.m == 512 && shape.n == 512 && shape.k == 512) {
      Register<double>(name + "/f64/", f64, shape);
    }
  }
}

}  // namespace adjoint
#endif  // HWY_ONCE
