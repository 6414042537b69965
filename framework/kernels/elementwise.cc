#include "framework/kernels/elementwise.h"

namespace adjoint::kernels {

BroadcastPlan::BroadcastPlan(absl::Span<const int64_t> a,
                             absl::Span<const int64_t> b,
                             absl::Span<const int64_t> y) {
  // From the innermost axis outwards, `loops` reversed until the end.
  int64_t size_a = 1, size_b = 1;
  for (size_t i = 1; i <= y.size(); ++i) {
    const int64_t extent = y[y.size() - i];
    if (extent == 1) continue;
    const bool moves_a = i <= a.size() && a[a.size() - i] != 1;
    const bool moves_b = i <= b.size() && b[b.size() - i] != 1;
    const Loop loop = {extent, moves_a ? size_a : 0, moves_b ? size_b : 0};
    if (moves_a) size_a *= extent;
    if (moves_b) size_b *= extent;
    if (depth > 0 && (loops[depth - 1].stride_a != 0) == moves_a &&
        (loops[depth - 1].stride_b != 0) == moves_b) {
      loops[depth - 1].extent *= extent;
    } else {
      loops[depth++] = loop;
    }
  }
  if (depth == 0) loops[depth++] = {1, 0, 0};
  std::reverse(loops.begin(), loops.begin() + depth);
}

}  // namespace adjoint::kernels
