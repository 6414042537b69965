// How Apply works: checks, memory, kernel, report, record. Included by op.h;
// ops need not look here.
#ifndef ADJOINT_FRAMEWORK_CORE_APPLY_H_
#define ADJOINT_FRAMEWORK_CORE_APPLY_H_

#include <array>
#include <chrono>
#include <concepts>
#include <utility>

#include "absl/types/span.h"
#include "framework/base/error.h"
#include "framework/core/memory.h"
#include "framework/core/node.h"
#include "framework/core/observer.h"
#include "framework/core/op.h"
#include "framework/core/op_examples.h"
#include "framework/core/op_node.h"
#include "framework/core/op_traits.h"
#include "framework/core/tensor.h"

namespace adjoint {
namespace op_internal {

// Checks that all are defined, none a ghost, and of the dtypes that `takes`
// says. Returns the common dtype of those that are no indices.
DType CheckOperands(absl::string_view op, absl::Span<const Tensor* const> xs,
                    absl::Span<const Takes> takes);

// To be called in a handler: throws the error that it handles again, with the
// op and the operands in its text if it is one of ours.
[[noreturn]] void ThrowExplained(absl::string_view op,
                                 absl::Span<const Tensor* const> operands);

// Tells the observer of an application.
void Report(Observer* observer, OpEvent event);

inline bool AnyHasHistory(absl::Span<const Tensor* const> xs) {
  for (const Tensor* x : xs) {
    if (x->node()) return true;
  }
  return false;
}

inline const Shape& ShapeOf(const Tensor& x) { return x.shape(); }
PooledVector<Shape> ShapeOf(absl::Span<const Tensor> xs);

template <std::same_as<Tensor>... Inputs>
std::array<const Tensor*, sizeof...(Inputs)> PointersTo(const Inputs&... xs) {
  return {&xs...};
}
PooledVector<const Tensor*> PointersTo(absl::Span<const Tensor> xs);

// The value of op(inputs): checks, memory, kernel.
template <Op OpT, class... Inputs>
Ref<Array> Compute(const OpT& op, absl::Span<const Tensor* const> operands,
                   const Inputs&... inputs) {
  DType dtype = CheckOperands(OpT::kName, operands, TakesOf<OpT>());
  Shape shape;
  try {
    if constexpr (requires { op.dtype; }) {
      dtype = op.dtype;
      if (!IsFloat(dtype)) throw DTypeError("the dtype must be f32 or f64");
    }
    shape = op.Infer(ShapeOf(inputs)...);
    if constexpr (requires { op.Check(inputs...); }) op.Check(inputs...);
  } catch (const Error&) {
    ThrowExplained(OpT::kName, operands);
  }
  if constexpr (ViewOp<OpT>) {
    return Array::View(operands[0]->array(), shape,
                       op.Offset(ShapeOf(inputs)...));
  } else {
    if constexpr (requires { op.Defer(inputs...); }) {
      if (Ref<Array> y = op.Defer(inputs...)) return y;
    }
    Ref<Array> y = Array::New(dtype, shape);
    const auto forward = [&](auto zero) {
      using T = decltype(zero);
      op.Forward(inputs...,
                 absl::MakeSpan(static_cast<T*>(y->data()), shape.size()));
    };
    if constexpr (kTakesAny<OpT>) {
      VisitDType(dtype, forward);
    } else {
      VisitFloat(dtype, forward);
    }
    return y;
  }
}

template <Op OpT, class... Inputs>
Tensor ApplyTo(const OpT& op, const Inputs&... inputs) {
  static_cast<void>(kCatalogued<OpT>);
  const auto operands = PointersTo(inputs...);
  Observer* const observer = CurrentObserver();
  std::chrono::steady_clock::time_point start;
  if (observer != nullptr) start = std::chrono::steady_clock::now();

  Ref<Array> y = Compute(op, operands, inputs...);

  if (observer != nullptr) {
    y->data();  // What was deferred is to be seen, and its time counted.
    double flops = static_cast<double>(y->shape().size());
    if constexpr (requires { op.Flops(ShapeOf(inputs)...); }) {
      flops = op.Flops(ShapeOf(inputs)...);
    }
    Report(observer, {.op = OpT::kName,
                      .inputs = operands,
                      .output = Tensor(y),
                      .flops = flops,
                      .start = start});
  }
  Ref<Node> node;
  if constexpr (Differentiable<OpT>) {
    if (IsRecording() && AnyHasHistory(operands)) {
      node = Ref<Node>(new OpNode<OpT>(op, y, inputs...));
    }
  }
  return Tensor(std::move(y), std::move(node));
}

}  // namespace op_internal

template <Op OpT, std::same_as<Tensor>... Inputs>
Tensor Apply(const OpT& op, const Inputs&... inputs) {
  static_assert(sizeof...(Inputs) == op_internal::kArity<OpT>,
                "one tensor for each shape that Infer takes");
  return op_internal::ApplyTo(op, inputs...);
}

template <Op OpT>
Tensor Apply(const OpT& op, absl::Span<const Tensor> inputs) {
  static_assert(op_internal::kArity<OpT> == op_internal::kVariadic);
  return op_internal::ApplyTo(op, inputs);
}

}  // namespace adjoint

#endif  // ADJOINT_FRAMEWORK_CORE_APPLY_H_
