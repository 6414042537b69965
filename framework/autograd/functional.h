// Derivatives of functions, each a few lines over Grad of tensors (grad.h).
//
//   const auto f = [](const Tensor& x) { return Sum(x * x * x); };
//   const Tensor x = FromValues({2}, {1, 2}), v = FromValues({2}, {1, 0});
//   Grad(f, x);                // 3 x^2 = {3, 12}         [2]
//   auto [y, dy] = Jvp(f, x, v);  // 9, and along v 3     [], []
//   Hvp(f, x, v);              // 6 x v = {6, 0}          [2]
//   Hessian(f, x);             // diag(6 x)               [2,2]
//
// They nest, to any order and in any mixture:
//
//   // The derivative of H(x) v by x: third derivatives, [2,2].
//   Jacobian([&](const Tensor& x) { return Hvp(f, x, v); }, x);
//
// Two promises make that right. Each call differentiates by variables of its
// own: whatever f captured is a constant to the call, even the x it is given.
// And results are what ops would return: while recording (node.h) they can be
// differentiated by xs, by vs and by what f captured; under NoGrad they are
// constants, and nothing is kept for them.
//
// f is called once. It takes and returns f32 or f64: integers are captured.
// All throw what Grad throws, DTypeError for an integer x, and ShapeError where
// f is to return one element and does not.
#ifndef ADJOINT_FRAMEWORK_AUTOGRAD_FUNCTIONAL_H_
#define ADJOINT_FRAMEWORK_AUTOGRAD_FUNCTIONAL_H_

#include <vector>

#include "absl/types/span.h"
#include "framework/autograd/function.h"
#include "framework/autograd/grad.h"
#include "framework/core/tensor.h"

namespace adjoint {

// The gradient of f, which returns one element: of the shape of x, of each x.
Tensor Grad(const Function& f, const Tensor& x);
std::vector<Tensor> Grad(const FunctionOfSeveral& f,
                         absl::Span<const Tensor> xs);

// Reverse mode, J'v: from v of the shape of f(x) to the shape of x.
Tensor Vjp(const Function& f, const Tensor& x, const Tensor& v);
std::vector<Tensor> Vjp(const FunctionOfSeveral& f, absl::Span<const Tensor> xs,
                        const Tensor& v);

struct JvpResult {
  Tensor y;   // f(x)
  Tensor dy;  // J v, of the shape of y.
};

// Forward mode, J v: from v of the shape of x, one for each x, to the shape of
// f(x). Costs two backward passes (Townsend 2017, "A new trick for calculating
// Jacobian vector products"). Throws ShapeError unless vs are like xs.
JvpResult Jvp(const Function& f, const Tensor& x, const Tensor& v);
JvpResult Jvp(const FunctionOfSeveral& f, absl::Span<const Tensor> xs,
              absl::Span<const Tensor> vs);

// H v for the Hessian H of f, which returns one element: from v of the shape of
// x to the same, for several as for one vector. Costs two backward passes and
// never forms H (Pearlmutter 1994, here reverse over reverse). Throws
// ShapeError unless vs are like xs.
Tensor Hvp(const Function& f, const Tensor& x, const Tensor& v);
std::vector<Tensor> Hvp(const FunctionOfSeveral& f, absl::Span<const Tensor> xs,
                        absl::Span<const Tensor> vs);

// All derivatives of f at x: [y..., x...] for x [x...] and f(x) [y...]. One
// backward pass an element of f(x), over one graph.
Tensor Jacobian(const Function& f, const Tensor& x);

// All second derivatives of f, which returns one element: [x..., x...].
Tensor Hessian(const Function& f, const Tensor& x);

}  // namespace adjoint

#endif  // ADJOINT_FRAMEWORK_AUTOGRAD_FUNCTIONAL_H_
