// Loops that compute each output element from the input elements at the same
// place. (broadcast.h has those of inputs that are broadcast.)
//
// `f` is inlined into the loop, which the compiler vectorises if `f` has no
// branch and calls nothing but what is defined in a header (such as math.h).
#ifndef ADJOINT_FRAMEWORK_KERNELS_ELEMENTWISE_H_
#define ADJOINT_FRAMEWORK_KERNELS_ELEMENTWISE_H_

#include <cstdint>

#include "absl/types/span.h"
#include "framework/base/parallel_for.h"
#include "framework/base/vectorize.h"

namespace adjoint::kernels {

// Elements to a chunk: enough that to wake a thread, which may take 10 us,
// pays.
inline constexpr int64_t kElementwiseGrain = 64 * 1024;

// y[i] = f(x[i]). The element types may differ.
template <class In, class Out, class Fn>
void Map(absl::Span<const In> x, absl::Span<Out> y, Fn f) {
  ParallelFor(y.size(), kElementwiseGrain, [&](int64_t begin, int64_t end) {
    WithWidestVectors([&, begin, end] {
      const Fn local = f;  // What it holds stays in registers.
      const In* __restrict in = x.data();
      Out* __restrict out = y.data();
      for (int64_t i = begin; i < end; ++i) out[i] = local(in[i]);
    });
  });
}

// y[i] = f(a[i], b[i]).
template <class T, class Fn>
void Zip(absl::Span<const T> a, absl::Span<const T> b, absl::Span<T> y, Fn f) {
  ParallelFor(y.size(), kElementwiseGrain, [&](int64_t begin, int64_t end) {
    WithWidestVectors([&, begin, end] {
      const Fn local = f;
      const T* __restrict pa = a.data();
      const T* __restrict pb = b.data();
      T* __restrict py = y.data();
      for (int64_t i = begin; i < end; ++i) py[i] = local(pa[i], pb[i]);
    });
  });
}

// y[i] = f(a[i], b[i], c[i]).
template <class T, class Fn>
void Zip(absl::Span<const T> a, absl::Span<const T> b, absl::Span<const T> c,
         absl::Span<T> y, Fn f) {
  ParallelFor(y.size(), kElementwiseGrain, [&](int64_t begin, int64_t end) {
    WithWidestVectors([&, begin, end] {
      const Fn local = f;
      const T* __restrict pa = a.data();
      const T* __restrict pb = b.data();
      const T* __restrict pc = c.data();
      T* __restrict py = y.data();
      for (int64_t i = begin; i < end; ++i) py[i] = local(pa[i], pb[i], pc[i]);
    });
  });
}

}  // namespace adjoint::kernels

#endif  // ADJOINT_FRAMEWORK_KERNELS_ELEMENTWISE_H_
