// Reverse-mode differentiation.
#ifndef ADJOINT_FRAMEWORK_AUTOGRAD_GRAD_H_
#define ADJOINT_FRAMEWORK_AUTOGRAD_GRAD_H_

#include <vector>

#include "absl/types/span.h"
#include "framework/core/tensor.h"

namespace adjoint {

struct GradOptions {
  // Whether the gradients keep a history, so that they can be differentiated.
  bool create_graph = false;
  // The cotangent of y, of y's shape and dtype. Undefined means 1, for a y of
  // one element.
  Tensor seed = {};
};

// The gradient of `y` with respect to each of `xs`, of that x's shape: for a
// seed v, v' dy/dx. Zeros where y does not depend on x, hence for every x if y
// was made under NoGrad or is a gradient without create_graph. An x is a Leaf,
// or any tensor that y was computed from.
//
// y's graph stays for other calls as long as y does. `Grad(std::move(y), xs)`
// frees each saved value as soon as the rule that needed it has run.
//
// Throws ValueError if an x has no history or y is undefined, DTypeError if y
// is i32, and ShapeError if y has more than one element and no seed, or a seed
// of another shape or dtype, or if a rule returns what does not fit its input.
std::vector<Tensor> Grad(Tensor y, absl::Span<const Tensor> xs,
                         const GradOptions& options = {});

// The same, written to `gradients`, a place for each of `xs`: what a training
// step calls, for it takes no memory from the system. REQUIRES: equal sizes.
void Grad(Tensor y, absl::Span<const Tensor> xs, const GradOptions& options,
          absl::Span<Tensor> gradients);

}  // namespace adjoint

#endif  // ADJOINT_FRAMEWORK_AUTOGRAD_GRAD_H_
