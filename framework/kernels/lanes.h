// Many values combined to one.
#ifndef ADJOINT_FRAMEWORK_KERNELS_LANES_H_
#define ADJOINT_FRAMEWORK_KERNELS_LANES_H_

#include <array>
#include <cstdint>

namespace adjoint::kernels {

// Sixteen, for a loop that waits for each result is not vectorised: value i
// goes to lane i % 16. All is inlined into loops that are.
inline constexpr int64_t kLanes = 16;
template <class T>
using Lanes = std::array<T, kLanes>;

// f(0), f(1), ... combined by `op`, which does not mind their order, and by its
// `identity`, but for the last n % kLanes.
template <class T, class Fn, class Op>
inline Lanes<T> WholeLanes(int64_t n, T identity, Fn f, Op op) {
  Lanes<T> lane;
  lane.fill(identity);
  for (int64_t i = 0; i + kLanes <= n; i += kLanes) {
    for (int l = 0; l < kLanes; ++l) lane[l] = op(lane[l], f(i + l));
  }
  return lane;
}

// Those last ones, too.
template <class T, class Fn, class Op>
inline void AddRest(int64_t n, Fn f, Op op, Lanes<T>& lane) {
  const int64_t whole = n - n % kLanes;
  for (int64_t l = 0; l < n - whole; ++l) lane[l] = op(lane[l], f(whole + l));
}

template <class T, class Op>
inline T CombineLanes(Lanes<T> lane, Op op) {
  for (int width = kLanes / 2; width > 0; width /= 2) {
    for (int l = 0; l < width; ++l) lane[l] = op(lane[l], lane[l + width]);
  }
  return lane[0];
}

// f(0), ..., f(n - 1) combined, in an order that is that of n alone. The three
// steps above, written out: g++ keeps these lanes in registers, and those not.
template <class T, class Fn, class Op>
T CombineInLanes(int64_t n, T identity, Fn f, Op op) {
  Lanes<T> lane;
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
