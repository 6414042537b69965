#include "framework/core/op.h"

#include <algorithm>
#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "framework/core/scope.h"

namespace adjoint {

std::string Explain(absl::string_view op, absl::string_view rule,
                    absl::Span<const Tensor* const> operands) {
  return WithPath(absl::StrCat(
      op, ": ", rule, ": ",
      absl::StrJoin(operands, ", ", [](std::string* out, const Tensor* x) {
        absl::StrAppend(out, Signature(*x));
      })));
}

namespace op_internal {
namespace {

int64_t BytesOf(const Tensor& x) { return x.size() * SizeOf(x.dtype()); }

// Whether the output lies in the memory of an input, so that nothing was moved.
bool IsView(const OpEvent& event) {
  const auto begin = [](const Tensor& x) {
    return reinterpret_cast<uintptr_t>(x.array()->data());
  };
  return std::any_of(event.inputs.begin(), event.inputs.end(),
                     [&](const Tensor* x) {
                       return begin(event.output) >= begin(*x) &&
                              begin(event.output) < begin(*x) + BytesOf(*x);
                     });
}

}  // namespace

DType CheckOperands(absl::string_view op, absl::Span<const Tensor* const> xs,
                    absl::Span<const Takes> takes) {
  const auto fail = [&](size_t i, absl::string_view what) {
    return Explain(op, absl::StrCat("operand ", i, " ", what), xs);
  };
  DType common = DType::kF32;
  bool found = false;
  for (size_t i = 0; i < xs.size(); ++i) {
    const Tensor& x = *xs[i];
    const Takes wanted =
        takes.empty() ? Takes::kFloat : takes[std::min(i, takes.size() - 1)];
    if (!x.defined()) throw ValueError(fail(i, "is undefined"));
    if (x.array()->is_ghost()) {
      throw ValueError(fail(i, "is a ghost: it was not saved"));
    }
    if (wanted == Takes::kIndex) {
      if (IsFloat(x.dtype())) throw DTypeError(fail(i, "must be i32"));
      continue;
    }
    if (wanted == Takes::kFloat && !IsFloat(x.dtype())) {
      throw DTypeError(fail(i, "must be f32 or f64"));
    }
    if (found && x.dtype() != common) {
      throw DTypeError(Explain(op, "dtypes differ", xs));
    }
    common = x.dtype();
    found = true;
  }
  return common;
}

void ThrowExplained(absl::string_view op,
                    absl::Span<const Tensor* const> operands) {
  try {
    throw;
  } catch (const ShapeError& e) {
    throw ShapeError(Explain(op, e.what(), operands));
  } catch (const DTypeError& e) {
    throw DTypeError(Explain(op, e.what(), operands));
  } catch (const ValueError& e) {
    throw ValueError(Explain(op, e.what(), operands));
  }
}

void Report(Observer* observer, OpEvent event) {
  event.end = std::chrono::steady_clock::now();
  event.backward = InBackward();
  if (!IsView(event)) {
    event.bytes = BytesOf(event.output);
    for (const Tensor* x : event.inputs) event.bytes += BytesOf(*x);
  }
  ObserverScope unobserved(nullptr);
  observer->OnOp(event);
}

PooledVector<const Tensor*> PointersTo(absl::Span<const Tensor> xs) {
  PooledVector<const Tensor*> pointers;
  pointers.reserve(xs.size());
  for (const Tensor& x : xs) pointers.push_back(&x);
  return pointers;
}

PooledVector<Shape> ShapeOf(absl::Span<const Tensor> xs) {
  PooledVector<Shape> shapes;
  shapes.reserve(xs.size());
  for (const Tensor& x : xs) shapes.push_back(x.shape());
  return shapes;
}

}  // namespace op_internal
}  // namespace adjoint
