// Proof of gradients by finite differences.
//
// A function f of tensors is projected to a number, p(x) = <v, f(x)> with a
// random v, and the derivative of p along a random direction u is compared with
// central differences of p. A wrong gradient passes only if its error happens
// to be orthogonal to u. For the second order the same is done to the function
// x -> Grad(p)(x).
#ifndef ADJOINT_FRAMEWORK_TESTING_GRAD_CHECK_H_
#define ADJOINT_FRAMEWORK_TESTING_GRAD_CHECK_H_

#include <cstdint>
#include <functional>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "framework/core/tensor.h"

namespace adjoint::testing {

using Function = std::function<Tensor(absl::Span<const Tensor>)>;

struct GradCheckOptions {
  int order = 2;  // 1 or 2.
  double rtol = 1e-5;
  double atol = 1e-7;
  uint64_t seed = 1;
};

// Whether the gradients of `f` at `xs`, up to the given order, are those of the
// values that it computes: |analytic - numeric| <= atol + rtol |numeric| for
// each f64 input along random directions. Inputs of other dtypes are held
// fixed. OutOfRange with both numbers, order and input if not.
//
// REQUIRES: f returns f64 and is smooth near xs.
absl::Status CheckGrad(const Function& f, absl::Span<const Tensor> xs,
                       GradCheckOptions options = {});

// Whether forward mode agrees with reverse mode: <v, J u> = <J' v, u> to the
// same tolerance, where J u comes from differentiating v -> J' v, which is
// linear in v (the double-vjp trick).
absl::Status CheckForwardMode(const Function& f, absl::Span<const Tensor> xs,
                              GradCheckOptions options = {});

}  // namespace adjoint::testing

#endif  // ADJOINT_FRAMEWORK_TESTING_GRAD_CHECK_H_
