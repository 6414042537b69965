// Many values combined to one.
#ifndef ADJOINT_FRAMEWORK_KERNELS_LANES_H_
#define ADJOINT_FRAMEWORK_KERNELS_LANES_H_

#include <array>
#include <cstdint>

namespace adjoint::kernels {

// Sixteen, for a loop that waits for each result is not vectorised: value i
// goes to lane i % 16. All is inlined into loops that are.
inline constexpr int64_t kLanes = 16;

// n rounded up to whole lanes: a loop over so many has no slow rest.
inline constexpr int64_t RoundUpToLanes(int64_t n) {
  return (n + kLanes - 1) / kLanes * kLanes;
}

// f(0), ..., f(n - 1) combined by `op`, which does not mind their order, and by
// its `identity`, in an order that is that of n alone.
template <class T, class Fn, class Op>
T CombineInLanes(int64_t n, T identity, Fn f, Op op) {
  std::array<T, kLanes> lane;
  lane.fill(identity);
  int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    for (int l = 0; l < kLanes; ++l) lane[l] = op(lane[l], f(i + l));
  }
  for (int l = 0; i < n; ++i, ++l) lane[l] = op(lane[l], f(i));
  for (int width = kLanes / 2; width > 0; width /= 2) {
    for (int l = 0; l < width; ++l) lane[l] = op(lane[l], lane[l + width]);
  }
  return lane[0];
}

}  // namespace adjoint::kernels

#endif  // ADJOINT_FRAMEWORK_KERNELS_LANES_H_
