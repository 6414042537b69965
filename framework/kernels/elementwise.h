// Loops that compute each output element from the input elements at the same
// place, with and without broadcasting.
//
// `f` is inlined into the loop, which the compiler vectorises if `f` has no
// branch and calls nothing but what is defined in a header (such as math.h).
#ifndef ADJOINT_FRAMEWORK_KERNELS_ELEMENTWISE_H_
#define ADJOINT_FRAMEWORK_KERNELS_ELEMENTWISE_H_

#include <algorithm>
#include <array>
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

// A loop nest over the output of a broadcast, outermost axis first. Adjacent
// axes along which the same inputs move are one loop, for arrays are dense.
struct BroadcastPlan {
  struct Loop {
    int64_t extent;
    int64_t stride_a;  // Elements by which input a moves: 0 if it is broadcast.
    int64_t stride_b;
  };
  std::array<Loop, 8> loops;
  int depth = 0;

  // The plan for output extents `y` and inputs that broadcast to it.
  BroadcastPlan(absl::Span<const int64_t> a, absl::Span<const int64_t> b,
                absl::Span<const int64_t> y);
};

namespace elementwise_internal {

template <bool kMovesA, bool kMovesB, class T, class Fn>
void Row(const T* a, const T* b, T* y, int64_t n, Fn f) {
  WithWidestVectors([=] {
    const Fn local = f;
    const T* __restrict pa = a;
    const T* __restrict pb = b;
    T* __restrict py = y;
    for (int64_t i = 0; i < n; ++i) {
      py[i] = local(pa[kMovesA ? i : 0], pb[kMovesB ? i : 0]);
    }
  });
}

}  // namespace elementwise_internal

// y = f(a, b) where a and b broadcast to y, as `plan` says.
template <class T, class Fn>
void BroadcastZip(const BroadcastPlan& plan, const T* a, const T* b, T* y,
                  Fn f) {
  // The innermost loop is the row; the others are counted through.
  const BroadcastPlan::Loop inner = plan.loops[plan.depth - 1];
  const int outer = plan.depth - 1;
  int64_t rows = 1;
  for (int d = 0; d < outer; ++d) rows *= plan.loops[d].extent;
  const int64_t n = inner.extent;
  auto row = inner.stride_a != 0
                 ? (inner.stride_b != 0
                        ? elementwise_internal::Row<true, true, T, Fn>
                        : elementwise_internal::Row<true, false, T, Fn>)
                 : (inner.stride_b != 0
                        ? elementwise_internal::Row<false, true, T, Fn>
                        : elementwise_internal::Row<false, false, T, Fn>);
  if (rows == 1) {
    ParallelFor(n, kElementwiseGrain, [&](int64_t begin, int64_t end) {
      row(a + begin * inner.stride_a, b + begin * inner.stride_b, y + begin,
          end - begin, f);
    });
    return;
  }
  const int64_t grain = std::max<int64_t>(1, kElementwiseGrain / (n + 1));
  ParallelFor(rows, grain, [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) {
      int64_t offset_a = 0, offset_b = 0;
      for (int64_t d = outer, rest = r; d-- > 0;) {
        const BroadcastPlan::Loop& loop = plan.loops[d];
        const int64_t i = rest % loop.extent;
        rest /= loop.extent;
        offset_a += i * loop.stride_a;
        offset_b += i * loop.stride_b;
      }
      row(a + offset_a, b + offset_b, y + r * n, n, f);
    }
  });
}

}  // namespace adjoint::kernels

#endif  // ADJOINT_FRAMEWORK_KERNELS_ELEMENTWISE_H_
