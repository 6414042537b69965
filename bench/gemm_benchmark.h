// The shapes on which the matrix product is timed, for ours and for others'.
#ifndef ADJOINT_BENCH_GEMM_BENCHMARK_H_
#define ADJOINT_BENCH_GEMM_BENCHMARK_H_

#include <cstdint>
#include <string>

#include "framework/kernels/gemm.h"

namespace adjoint {

// C[m,n] = op(A)[m,k] op(B)[k,n], on one thread.
template <class T>
using GemmFunction = void (*)(int64_t m, int64_t n, int64_t k,
                              kernels::Matrix<T> a, kernels::Matrix<T> b, T* c);

// Registers a benchmark "<name>/f32/<m>x<n>x<k>/<transposes>/threads:1" for
// each shape; its counters are GFLOP/s and percent_of_peak, the share of the
// multiply-add peak of one core, which is measured in turns with the product.
// f64 is left out where `f64` is null.
void RegisterGemm(const std::string& name, GemmFunction<float> f32,
                  GemmFunction<double> f64);

// Ours, for both.
template <class T>
void AdjointGemm(int64_t m, int64_t n, int64_t k, kernels::Matrix<T> a,
                 kernels::Matrix<T> b, T* c) {
  kernels::Gemm<T>(m, n, k, a, b, c, n);
}

}  // namespace adjoint

#endif  // ADJOINT_BENCH_GEMM_BENCHMARK_H_
