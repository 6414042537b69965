#include "framework/core/op.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "framework/core/scope.h"

namespace adjoint::op_internal {

std::string Explain(absl::string_view op, absl::string_view rule,
                    absl::Span<const Tensor* const> operands) {
  std::string text = absl::StrCat(
      op, ": ", rule, ": ",
      absl::StrJoin(operands, ", ", [](std::string* out, const Tensor* x) {
        absl::StrAppend(out, Signature(*x));
      }));
  const std::string path = Scope::Path();
  if (!path.empty()) absl::StrAppend(&text, " (in ", path, ")");
  return text;
}

DType CheckOperands(absl::string_view op, absl::Span<const Tensor* const> xs,
                    absl::Span<const Takes> takes) {
  DType common = DType::kF32;
  bool found = false;
  for (size_t i = 0; i < xs.size(); ++i) {
    const Tensor& x = *xs[i];
    const bool index = i < takes.size() && takes[i] == Takes::kIndex;
    if (!x.defined()) {
      throw ValueError(
          Explain(op, absl::StrCat("operand ", i, " is undefined"), xs));
    }
    if (x.array()->is_ghost()) {
      throw ValueError(Explain(
          op, absl::StrCat("operand ", i, " is a ghost: it was not saved"),
          xs));
    }
    if (IsFloat(x.dtype()) == index) {
      throw DTypeError(
          Explain(op,
                  absl::StrCat("operand ", i,
                               index ? " must be i32" : " must be f32 or f64"),
                  xs));
    }
    if (index) continue;
    if (found && x.dtype() != common) {
      throw DTypeError(Explain(op, "dtypes differ", xs));
    }
    common = x.dtype();
    found = true;
  }
  return common;
}

void Report(Observer* observer, OpEvent event) {
  event.end = std::chrono::steady_clock::now();
  event.backward = InBackward();
  event.bytes = event.output.size() * SizeOf(event.output.dtype());
  for (const Tensor* x : event.inputs) {
    event.bytes += x->size() * SizeOf(x->dtype());
  }
  ObserverScope unobserved(nullptr);
  observer->OnOp(event);
}

std::vector<Shape> ShapeOf(absl::Span<const Tensor> xs) {
  std::vector<Shape> shapes;
  shapes.reserve(xs.size());
  for (const Tensor& x : xs) shapes.push_back(x.shape());
  return shapes;
}

}  // namespace adjoint::op_internal
