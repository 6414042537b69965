// How Apply works: checks, memory, kernel, report, record, and the catalogue.
// Included by op.h; ops need not look here.
#ifndef ADJOINT_FRAMEWORK_CORE_APPLY_H_
#define ADJOINT_FRAMEWORK_CORE_APPLY_H_

#include <array>
#include <concepts>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/types/span.h"
#include "framework/base/error.h"
#include "framework/core/catalog.h"
#include "framework/core/memory.h"
#include "framework/core/node.h"
#include "framework/core/observer.h"
#include "framework/core/op.h"
#include "framework/core/tensor.h"

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

using Operands = absl::InlinedVector<const Tensor*, 4>;

// Checks that all are defined, none a ghost, and of the dtypes that `takes`
// says. Returns the common dtype of those that are no indices.
DType CheckOperands(absl::string_view op, absl::Span<const Tensor* const> xs,
                    absl::Span<const Takes> takes);

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

inline void Append(Operands& operands, const Tensor& x) {
  operands.push_back(&x);
}
inline void Append(Operands& operands, absl::Span<const Tensor> xs) {
  for (const Tensor& x : xs) operands.push_back(&x);
}

template <Op OpT>
using InputsOf = std::conditional_t<
    kArity<OpT> == kVariadic, PooledVector<Tensor>,
    std::array<Tensor, kArity<OpT> == kVariadic ? 0 : kArity<OpT>>>;

// What a node keeps of input `i`: all of it, or a ghost and its history.
template <Op OpT>
Tensor Kept(size_t i, const Tensor& x) {
  if (IncludesInput(OpT::kSave, i)) return x;
  return Tensor(Array::Ghost(x.dtype(), x.shape()), x.node());
}

template <Op OpT, std::same_as<Tensor>... Inputs>
InputsOf<OpT> KeptInputs(const Inputs&... inputs) {
  size_t i = 0;
  return {Kept<OpT>(i++, inputs)...};
}
template <Op OpT>
InputsOf<OpT> KeptInputs(absl::Span<const Tensor> inputs) {
  InputsOf<OpT> kept;
  kept.reserve(inputs.size());
  for (const Tensor& x : inputs) kept.push_back(Kept<OpT>(kept.size(), x));
  return kept;
}

// Runs the rule of `op`, whatever the form of its Vjp, as Node::Vjp.
template <Op OpT>
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
template <Op OpT>
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

template <Op OpT>
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

template <Op OpT>
std::vector<CatalogExample> ErasedExamples() {
  std::vector<CatalogExample> erased;
  for (Example<OpT>& example : OpT::Examples()) {
    const OpT op = example.op;
    erased.push_back({.inputs = std::move(example.inputs),
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

template <Op OpT>
constexpr absl::Span<const Takes> TakesOf() {
  if constexpr (requires { OpT::kTakes; }) {
    return OpT::kTakes;
  } else {
    return {};
  }
}

// Whether the op computes integers from integers too.
template <Op OpT>
inline constexpr bool kTakesAny = [] {
  for (Takes takes : TakesOf<OpT>()) {
    if (takes == Takes::kAny) return true;
  }
  return false;
}();

// Instantiated by Apply, initialised before main: what puts an op in the
// catalogue.
template <Op OpT>
inline const bool kCatalogued =
    (AddToCatalog({.name = OpT::kName,
                   .doc = OpT::kDoc,
                   .differentiable = Differentiable<OpT>,
                   .save = OpT::kSave,
                   .takes = TakesOf<OpT>(),
                   .arity = kArity<OpT>,
                   .examples = &ErasedExamples<OpT>}),
     true);

// The value of op(inputs): checks, memory, kernel.
template <Op OpT, class... Inputs>
Ref<Array> Compute(const OpT& op, const Operands& operands,
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
  } catch (const ShapeError& e) {
    throw ShapeError(Explain(OpT::kName, e.what(), operands));
  } catch (const DTypeError& e) {
    throw DTypeError(Explain(OpT::kName, e.what(), operands));
  } catch (const ValueError& e) {
    throw ValueError(Explain(OpT::kName, e.what(), operands));
  }
  if constexpr (ViewOp<OpT>) {
    return Array::View(operands[0]->array(), shape,
                       op.Offset(ShapeOf(inputs)...));
  } else {
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
  Operands operands;
  (Append(operands, inputs), ...);
  Observer* const observer = CurrentObserver();
  std::chrono::steady_clock::time_point start;
  if (observer != nullptr) start = std::chrono::steady_clock::now();

  Ref<Array> y = Compute(op, operands, inputs...);

  if (observer != nullptr) {
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
