// A tensor whose backward rule is replaced: for tests that plant a wrong one.
#ifndef ADJOINT_FRAMEWORK_TESTING_RULE_NODE_H_
#define ADJOINT_FRAMEWORK_TESTING_RULE_NODE_H_

#include <functional>

#include "absl/types/span.h"
#include "framework/core/tensor.h"

namespace adjoint::testing {

// As Node::Vjp, with the output and the inputs that it reads.
using RuleFunction = std::function<void(
    const Tensor& dy, const Tensor& y, absl::Span<const Tensor> xs,
    absl::Span<const bool> needs, absl::Span<Tensor> dx)>;

// The value of `y`, as computed from `xs` by an op whose rule is `rule`.
Tensor WithRule(const Tensor& y, absl::Span<const Tensor> xs,
                RuleFunction rule);

}  // namespace adjoint::testing

#endif  // ADJOINT_FRAMEWORK_TESTING_RULE_NODE_H_
