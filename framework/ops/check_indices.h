// What the ops that take indices or labels share.
#ifndef ADJOINT_FRAMEWORK_OPS_CHECK_INDICES_H_
#define ADJOINT_FRAMEWORK_OPS_CHECK_INDICES_H_

#include <cstdint>

#include "absl/strings/string_view.h"
#include "framework/core/tensor.h"

namespace adjoint {

// Throws ValueError("index 7 at [0,2] is not in [0, 5)"), with `noun` for
// "index", unless all elements of `indices`, an i32 tensor, are in [0, bound).
void CheckIndices(const Tensor& indices, int64_t bound, absl::string_view noun);

}  // namespace adjoint

#endif  // ADJOINT_FRAMEWORK_OPS_CHECK_INDICES_H_
