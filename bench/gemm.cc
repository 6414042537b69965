// Speed of the matrix product on one thread, beside the speed of this
// processor's multiply-add instructions measured in the same process.
//
//   ./bazelw run //bench:gemm -- --benchmark_filter=512x512x512

#include "bench/gemm_benchmark.h"

[[maybe_unused]] static const bool registered = [] {
  adjoint::RegisterGemm("gemm", adjoint::AdjointGemm<float>,
                        adjoint::AdjointGemm<double>);
  return true;
}();
