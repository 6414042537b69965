#include "framework/base/vectorize.h"

namespace adjoint::vectorize_internal {
namespace {

Width Detect() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl")) {
    return Width::kAvx512;
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    return Width::kAvx2;
  }
#endif
  return Width::kBaseline;
}

}  // namespace

Width widest = Detect();

}  // namespace adjoint::vectorize_internal
