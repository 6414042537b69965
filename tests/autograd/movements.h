// The steps of random programs that move elements, for operands of the extents
// `from`; which values those are is left open.
#ifndef ADJOINT_TESTS_AUTOGRAD_MOVEMENTS_H_
#define ADJOINT_TESTS_AUTOGRAD_MOVEMENTS_H_

#include <cstdint>
#include <vector>

#include "tests/autograd/plain.h"
#include "tests/autograd/random_program.h"

namespace adjoint {

Step TransposeStep(std::vector<int> axes);
Step SliceStep(plain::Extents from, int axis, int64_t begin, int64_t end);
Step PadStep(plain::Extents from, int axis);  // With one on each side.
Step ReshapeStep(plain::Extents to);
Step BroadcastStep(plain::Extents to);
Step TrilStep(plain::Extents from);
Step GatherStep(plain::Extents from, std::vector<int32_t> rows);

// Of two operands.
Step StackStep(plain::Extents from, int axis);
Step ConcatStep(plain::Extents from, int axis);
Step WhereStep(plain::Extents from, std::vector<int32_t> mask);

}  // namespace adjoint

#endif  // ADJOINT_TESTS_AUTOGRAD_MOVEMENTS_H_
