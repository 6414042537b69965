// A gradient of one's own, without an op.
#ifndef ADJOINT_FRAMEWORK_AUTOGRAD_CUSTOM_VJP_H_
#define ADJOINT_FRAMEWORK_AUTOGRAD_CUSTOM_VJP_H_

#include <functional>
#include <vector>

#include "absl/types/span.h"
#include "framework/core/tensor.h"

namespace adjoint {

// From inputs to output. Its ops are not recorded.
using ForwardFunction = std::function<Tensor(absl::Span<const Tensor> xs)>;

// From the cotangent `dy` of the output `y` to those of the inputs, one each;
// an undefined one means zero. Written in ops, it is differentiable again.
using VjpFunction = std::function<std::vector<Tensor>(
    const Tensor& dy, const Tensor& y, absl::Span<const Tensor> xs)>;

// forward(xs), with `vjp` as its backward rule whatever `forward` does. Both
// functions may be called after CustomVjp has returned. Inputs and output are
// kept for the rule. Throws ValueError in backward if the rule does not return
// as many cotangents as there are inputs.
//
//   // Identity forward, gradient clipped to [-1, 1] backward.
//   Tensor y = CustomVjp(
//       [](auto xs) { return xs[0]; },
//       [](const Tensor& dy, const Tensor&, auto) {
//         return std::vector<Tensor>{Clamp(dy, -1, 1)};
//       },
//       {x});
Tensor CustomVjp(const ForwardFunction& forward, VjpFunction vjp,
                 absl::Span<const Tensor> xs);

}  // namespace adjoint

#endif  // ADJOINT_FRAMEWORK_AUTOGRAD_CUSTOM_VJP_H_
