// How an op comes into the catalogue. Included by op.h.
#ifndef ADJOINT_FRAMEWORK_CORE_OP_EXAMPLES_H_
#define ADJOINT_FRAMEWORK_CORE_OP_EXAMPLES_H_

#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "framework/core/catalog.h"
#include "framework/core/op_node.h"
#include "framework/core/op_traits.h"
#include "framework/core/tensor.h"

namespace adjoint {
namespace op_internal {

template <class OpT>
Tensor ApplyErased(const OpT& op, absl::Span<const Tensor> x) {
  if constexpr (kArity<OpT> == kVariadic) {
    return Apply(op, x);
  } else {
    ADJOINT_CHECK(x.size() == kArity<OpT>);
    return [&]<size_t... I>(std::index_sequence<I...>) {
      return Apply(op, x[I]...);
    }
    (std::make_index_sequence<kArity<OpT>>());
  }
}

// Compiled for size: only tests and benchmarks ask for examples.
template <class OpT>
[[gnu::cold]] std::vector<CatalogExample> ErasedExamples() {
  std::vector<CatalogExample> erased;
  for (const Example<OpT>& example : OpT::Examples()) {
    const OpT op = example.op;
    erased.push_back({.inputs = example.inputs,
                      .timed = example.timed,
                      .error = example.error,
                      .rtol = example.rtol,
                      .atol = example.atol});
    erased.back().apply = [op](absl::Span<const Tensor> x) {
      return ApplyErased(op, x);
    };
    if constexpr (Differentiable<OpT>) {
      erased.back().vjp =
          [op](const Tensor& dy, const Tensor& y, absl::Span<const Tensor> x,
               absl::Span<const bool> needs,
               absl::Span<Tensor> dx) { RunVjp(op, dy, y, x, needs, dx); };
    }
  }
  return erased;
}

// Instantiated by Apply, initialised before main: what puts an op in the
// catalogue.
template <class OpT>
inline const bool kCatalogued =
    (AddToCatalog({.name = OpT::kName,
                   .doc = OpT::kDoc,
                   .differentiable = Differentiable<OpT>,
                   .save = OpT::kSave,
                   .takes = TakesOf<OpT>(),
                   .arity = kArity<OpT>,
                   .examples = &ErasedExamples<OpT>}),
     true);

}  // namespace op_internal
}  // namespace adjoint

#endif  // ADJOINT_FRAMEWORK_CORE_OP_EXAMPLES_H_
