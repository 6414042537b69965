// The choice between two arrays, element by element.
#ifndef ADJOINT_FRAMEWORK_KERNELS_SELECT_H_
#define ADJOINT_FRAMEWORK_KERNELS_SELECT_H_

#include <cstdint>

#include "absl/types/span.h"
#include "framework/base/parallel_for.h"
#include "framework/kernels/elementwise.h"

namespace adjoint::kernels {

// y[i] = condition[i] != 0 ? a[i] : b[i].
template <class T>
void Select(absl::Span<const int32_t> condition, absl::Span<const T> a,
            absl::Span<const T> b, absl::Span<T> y) {
  ParallelFor(y.size(), kElementwiseGrain, [&](int64_t begin, int64_t end) {
    const int32_t* __restrict pc = condition.data();
    const T* __restrict pa = a.data();
    const T* __restrict pb = b.data();
    T* __restrict py = y.data();
    for (int64_t i = begin; i < end; ++i) {
      // Both are read, so that the compiler need not branch.
      const T u = pa[i], v = pb[i];
      py[i] = pc[i] != 0 ? u : v;
    }
  });
}

}  // namespace adjoint::kernels

#endif  // ADJOINT_FRAMEWORK_KERNELS_SELECT_H_
