// How an op is defined: a plain struct, in one place.
//
//   // y = x / (1 + |x|)   (Turian, Bergstra and Bengio 2009)
//   struct SoftsignOp {
//     static constexpr auto kName = "softsign", kDoc = "y = x / (1 + |x|)";
//     static constexpr Save kSave = Save::kInputs;
//     Shape Infer(const Shape& x) const { return x; }
//     template <class T>
//     void Forward(const Tensor& x, absl::Span<T> y) const { ... }
//     Tensor Vjp(const Tensor& dy, const Tensor& y, const Tensor& x) const {
//       return dy / Square(1 + Abs(x));
//     }
//     static std::vector<Example<SoftsignOp>> Examples() {
//       return {{.inputs = {AwayFromZero({3, 4})}},
//              {.inputs = {AwayFromZero({})}}};
//     }
//   };
//   Tensor Softsign(const Tensor& x) { return Apply(SoftsignOp{}, x); }
//
// Attributes are members. The parts, in the order in which they stand:
//
//   kName, kDoc  Its name and formula.
//   kSave        What Vjp may read (catalog.h); the rest reaches it as ghosts.
//   kTakes       Optional: an array of Takes (catalog.h), one an input, the
//                last one for the rest. Without it all are kFloat.
//   dtype        Optional member: the output's dtype, a float. Without it the
//                output has the dtype of the inputs that are no indices.
//   Infer        From the inputs' shapes to the output's. Throws
//                ShapeError(rule) if they do not fit; Apply adds the op, the
//                operands and the module.
//   Check        Optional: looks at values, such as the range of an index.
//                Throws ValueError(rule). Once Infer and Check have returned,
//                nothing can fail.
//   Forward      Writes every element of the output. The only code that sees
//                memory. A plain loop runs on one thread and is compiled for
//                any processor; a fast one calls WithWidestVectors
//                (base/vectorize.h) from ParallelFor (base/parallel_for.h). A
//                view op has, in its place, Offset: from the input's shape to
//                the element at which the output begins.
//   Defer        Optional: an array whose elements are computed when somebody
//                asks for them (array.h), or null to have Forward write them.
//   Vjp          The backward rule (node.h), written in ops, hence
//                differentiable again. One Tensor for one input, a std::array
//                for several; a last parameter std::array<bool, N> needs, if
//                declared, says which are asked for. It never mentions
//                broadcasting: Grad sums results to the input's shape. An op
//                without Vjp is a constant to differentiation.
//   Flops        Optional: from shapes to additions plus multiplications;
//                otherwise the output's size.
//   Examples     Inputs that prove and time it: several shapes, broadcasting,
//                rank 0, empty, none at a kink; and inputs that must throw.
//
// An op of any number of inputs takes absl::Span<const Shape> or
// absl::Span<const Tensor> in place of each list, absl::Span<const bool> for
// needs, and returns a std::vector<Tensor>, or what can be read like one, from
// Vjp.
#ifndef ADJOINT_FRAMEWORK_CORE_OP_H_
#define ADJOINT_FRAMEWORK_CORE_OP_H_

#include <concepts>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "framework/base/error.h"
#include "framework/core/catalog.h"
#include "framework/core/tensor.h"

namespace adjoint {

template <class OpT>
concept Op = requires {
  {absl::string_view(OpT::kName)};
  {absl::string_view(OpT::kDoc)};
  { OpT::kSave } -> std::convertible_to<Save>;
  { OpT::Examples() } -> std::same_as<std::vector<Example<OpT>>>;
  &OpT::Infer;
};

// Applies `op` and, while recording, keeps its node in the result if some input
// has one. Throws a class of adjoint::Error on misuse, with the op, every
// operand and the module named.
template <Op OpT, std::same_as<Tensor>... Inputs>
Tensor Apply(const OpT& op, const Inputs&... inputs);
template <Op OpT>
Tensor Apply(const OpT& op, absl::Span<const Tensor> inputs);

// The text of an error: "op: rule: f32 [128,784], f32 [785,64] (in encoder.0)".
// For functions made of several ops; Apply calls it for those of one.
std::string Explain(absl::string_view op, absl::string_view rule,
                    absl::Span<const Tensor* const> operands);

}  // namespace adjoint

#include "framework/core/apply.h"  // IWYU pragma: export

#endif  // ADJOINT_FRAMEWORK_CORE_OP_H_
