// What the type of an op says of it. Included by op.h.
#ifndef ADJOINT_FRAMEWORK_CORE_OP_TRAITS_H_
#define ADJOINT_FRAMEWORK_CORE_OP_TRAITS_H_

#include "absl/types/span.h"
#include "framework/core/catalog.h"
#include "framework/core/shape.h"

namespace adjoint {
namespace op_internal {

inline constexpr int kVariadic = -1;

// The number of parameters of Infer.
template <class Infer>
inline constexpr int kArityOf = 0;
template <class OpT, class... Shapes>
inline constexpr int kArityOf<Shape (OpT::*)(Shapes...) const> =
    sizeof...(Shapes);
template <class OpT>
inline constexpr int kArityOf<Shape (OpT::*)(absl::Span<const Shape>) const> =
    kVariadic;

template <class OpT>
inline constexpr int kArity = kArityOf<decltype(&OpT::Infer)>;

// Vjp may be overloaded by nothing and has no template: its address exists.
template <class OpT>
concept Differentiable = requires {
  &OpT::Vjp;
};

template <class OpT>
concept ViewOp = requires {
  &OpT::Offset;
};

template <class OpT>
constexpr absl::Span<const Takes> TakesOf() {
  if constexpr (requires { OpT::kTakes; }) {
    return OpT::kTakes;
  } else {
    return {};
  }
}

// Whether the op computes integers from integers too.
template <class OpT>
inline constexpr bool kTakesAny = [] {
  for (Takes takes : TakesOf<OpT>()) {
    if (takes == Takes::kAny) return true;
  }
  return false;
}();

}  // namespace op_internal
}  // namespace adjoint

#endif  // ADJOINT_FRAMEWORK_CORE_OP_TRAITS_H_
