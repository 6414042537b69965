#include "framework/inspect/nan_tracer.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace adjoint::inspect {
namespace {

// Without a branch an element, so that it runs at the speed of memory.
bool IsFinite(const Tensor& x) {
  if (!IsFloat(x.dtype())) return true;
  return VisitFloat(x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    int64_t non_finite = 0;
    for (const T v : x.data<T>()) {
      non_finite += !(std::abs(v) <= std::numeric_limits<T>::max());
    }
    return non_finite == 0;
  });
}

void AppendLine(std::string* out, absl::string_view name, const Range& r) {
  absl::StrAppend(out, "\n  ", name, "  ", Name(r.dtype), " ",
                  r.shape.ToString());
  if (r.min <= r.max) absl::StrAppend(out, "  from ", r.min, " to ", r.max);
  if (r.non_finite > 0) {
    absl::StrAppend(out, r.min <= r.max ? ", " : "  ", r.non_finite,
                    " not finite");
  }
}

}  // namespace

Range RangeOf(const Tensor& x) {
  Range range = {.dtype = x.dtype(), .shape = x.shape()};
  VisitDType(x.dtype(), [&](auto zero) {
    for (const auto element : x.data<decltype(zero)>()) {
      const double v = static_cast<double>(element);
      if (std::isfinite(v)) {
        range.min = std::min(range.min, v);
        range.max = std::max(range.max, v);
      } else {
        ++range.non_finite;
      }
    }
  });
  return range;
}

std::string NonFinite::ToString() const {
  std::string out =
      absl::StrCat(op, module.empty() ? "" : " in ", module,
                   backward ? ", backward: " : ", forward: ", output.non_finite,
                   " of ", output.shape.size(), " elements are not finite");
  for (size_t i = 0; i < inputs.size(); ++i) {
    AppendLine(&out, absl::StrCat("x", i), inputs[i]);
  }
  AppendLine(&out, "y ", output);
  return out + "\n";
}

void NanTracer::OnOp(const OpEvent& event) {
  if (first_) return;
  const std::string* const module = paths_.Of(event);
  if (IsFinite(event.output)) return;
  first_ = {.op = std::string(event.op),
            .backward = event.backward,
            .module = *module,
            .output = RangeOf(event.output)};
  for (const Tensor* x : event.inputs) first_->inputs.push_back(RangeOf(*x));
}

}  // namespace adjoint::inspect
