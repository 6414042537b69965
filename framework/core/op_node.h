// An application of an op as a node of the graph. Included by op.h.
#ifndef ADJOINT_FRAMEWORK_CORE_OP_NODE_H_
#define ADJOINT_FRAMEWORK_CORE_OP_NODE_H_

#include <array>
#include <concepts>
#include <type_traits>
#include <utility>

#include "absl/types/span.h"
#include "framework/core/memory.h"
#include "framework/core/node.h"
#include "framework/core/op_traits.h"
#include "framework/core/tensor.h"

namespace adjoint {
namespace op_internal {

template <class OpT>
using InputsOf = std::conditional_t<
    kArity<OpT> == kVariadic, PooledVector<Tensor>,
    std::array<Tensor, kArity<OpT> == kVariadic ? 0 : kArity<OpT>>>;

// What a node keeps of input `i`: all of it, or a ghost and its history.
template <class OpT>
Tensor Kept(size_t i, const Tensor& x) {
  if (IncludesInput(OpT::kSave, i)) return x;
  return Tensor(Array::Ghost(x.dtype(), x.shape()), x.node());
}

template <class OpT, std::same_as<Tensor>... Inputs>
InputsOf<OpT> KeptInputs(const Inputs&... inputs) {
  size_t i = 0;
  return {Kept<OpT>(i++, inputs)...};
}
template <class OpT>
InputsOf<OpT> KeptInputs(absl::Span<const Tensor> inputs) {
  InputsOf<OpT> kept;
  kept.reserve(inputs.size());
  for (const Tensor& x : inputs) kept.push_back(Kept<OpT>(kept.size(), x));
  return kept;
}

// Runs the rule of `op`, whatever the form of its Vjp, as Node::Vjp.
template <class OpT>
void RunVjp(const OpT& op, const Tensor& dy, const Tensor& y,
            absl::Span<const Tensor> x, absl::Span<const bool> needs,
            absl::Span<Tensor> dx) {
  constexpr int kInputs = kArity<OpT>;
  const auto store = [&](auto gradients) {
    if constexpr (std::same_as<decltype(gradients), Tensor>) {
      dx[0] = std::move(gradients);
    } else {
      ADJOINT_CHECK(gradients.size() == dx.size());
      for (size_t i = 0; i < dx.size(); ++i) {
        if (needs[i]) dx[i] = std::move(gradients[i]);
      }
    }
  };
  if constexpr (kInputs == kVariadic) {
    store(op.Vjp(dy, y, x, needs));
  } else {
    [&]<size_t... I>(std::index_sequence<I...>) {
      using Needs = std::array<bool, kInputs>;
      if constexpr (requires { op.Vjp(dy, y, x[I]..., Needs{}); }) {
        store(op.Vjp(dy, y, x[I]..., Needs{needs[I]...}));
      } else {
        store(op.Vjp(dy, y, x[I]...));
      }
    }
    (std::make_index_sequence<kInputs>());
  }
}

// An application, recorded: the op and what its rule may read.
template <class OpT>
class OpNode final : public Node {
 public:
  template <class... Inputs>
  OpNode(const OpT& op, const Ref<Array>& y, const Inputs&... inputs)
      : op_(op), inputs_(KeptInputs<OpT>(inputs...)) {
    if (Includes(OpT::kSave, Save::kOutput)) output_ = y;
  }

  absl::string_view name() const override { return OpT::kName; }

  absl::Span<const Tensor> inputs() const override { return inputs_; }

  const Array* saved_output() const override { return output_.get(); }

  void Vjp(const Tensor& dy, absl::Span<const bool> needs,
           absl::Span<Tensor> dx) const override {
    const Tensor y = output_
                         ? Tensor(output_, Ref<Node>(const_cast<OpNode*>(this)))
                         : dy.Ghost();
    RunVjp(op_, dy, y, inputs_, needs, dx);
  }

 private:
  const OpT op_;
  const InputsOf<OpT> inputs_;
  Ref<Array> output_;  // Null unless saved.
};

}  // namespace op_internal
}  // namespace adjoint

#endif  // ADJOINT_FRAMEWORK_CORE_OP_NODE_H_
