// What transforms (functional.h) and Checkpoint (checkpoint.h) take.
#ifndef ADJOINT_FRAMEWORK_AUTOGRAD_FUNCTION_H_
#define ADJOINT_FRAMEWORK_AUTOGRAD_FUNCTION_H_

#include <functional>

#include "absl/types/span.h"
#include "framework/core/tensor.h"

namespace adjoint {

// A function of one tensor, and one of several. A lambda must name the type of
// its parameter, for `auto` fits both.
using Function = std::function<Tensor(const Tensor& x)>;
using FunctionOfSeveral = std::function<Tensor(absl::Span<const Tensor> xs)>;

}  // namespace adjoint

#endif  // ADJOINT_FRAMEWORK_AUTOGRAD_FUNCTION_H_
