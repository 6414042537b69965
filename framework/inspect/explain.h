// One step of a training, op by op.
//
//   Gradients gradients;
//   Explanation step = Explain(
//       [&] { return LossOf(model(x)); },
//       [&](Tensor loss) { gradients = Grad(std::move(loss), model); });
//   std::cout << step.ToString();
#ifndef ADJOINT_FRAMEWORK_INSPECT_EXPLAIN_H_
#define ADJOINT_FRAMEWORK_INSPECT_EXPLAIN_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/types/span.h"
#include "framework/core/tensor.h"

namespace adjoint::inspect {

// One application of an op.
struct ExplainedOp {
  std::string op;
  bool backward = false;
  std::string module;               // Its path, as ModulePaths tells it.
  std::vector<std::string> inputs;  // Shapes, with the dtype unless f32.
  std::string output;
  double flops = 0;
  int64_t bytes = 0;  // Of inputs and output.
  double seconds = 0;
  // What its node keeps for backward: inputs and output, as its rule wants. Of
  // what several nodes keep, the first has it all; leaves, such as parameters,
  // live without it and count for nothing.
  int64_t kept_bytes = 0;
};

struct Explanation {
  std::vector<ExplainedOp> ops;  // In the order in which they ran.

  // Each op with its figures and shapes, in lines of at most `width` columns,
  // and the sums of forward, of backward ("<") and of both.
  std::string ToString(size_t width = 80) const;
};

// Runs `forward` and gives its result, the loss, to `backward`, which is to
// move it into Grad. The times are of this one run: of a program's first step
// they are longer, for memory is new.
Explanation Explain(absl::FunctionRef<Tensor()> forward,
                    absl::FunctionRef<void(Tensor loss)> backward);

// A parameter and its gradient.
struct NamedGradient {
  std::string name;
  Tensor value, gradient;  // Of one shape; f32 or f64.
};

// Each parameter with its shape, the root mean square of its elements and of
// the gradient's, the ratio of the second to the first, and the gradient's
// Euclidean norm; then the norm over all. Lines of at most `width` columns.
std::string GradientTable(absl::Span<const NamedGradient> gradients,
                          size_t width = 80);

}  // namespace adjoint::inspect

#endif  // ADJOINT_FRAMEWORK_INSPECT_EXPLAIN_H_
