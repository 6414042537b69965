// What a graph keeps in memory for backward.
#ifndef ADJOINT_FRAMEWORK_INSPECT_KEPT_H_
#define ADJOINT_FRAMEWORK_INSPECT_KEPT_H_

#include <cstdint>
#include <vector>

#include "framework/core/tensor.h"

namespace adjoint::inspect {

// A node and what it keeps beyond what older nodes do.
struct Kept {
  uint64_t node;
  int64_t bytes;
};

// The nodes of the recorded graph of `y`, the oldest first, without leaves. A
// node keeps the inputs and the output that its op declares to save (core/op.h)
// and the data that it was given; leaves, such as parameters, live without it
// and count for nothing. Views of one buffer that begin together count once.
std::vector<Kept> KeptBy(const Tensor& y);

}  // namespace adjoint::inspect

#endif  // ADJOINT_FRAMEWORK_INSPECT_KEPT_H_
