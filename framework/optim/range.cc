#include "framework/optim/range.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "framework/base/error.h"

namespace adjoint::optim {

void RequireNotNegative(absl::string_view what, double value) {
  if (std::isfinite(value) && value >= 0) return;
  throw ValueError(absl::StrCat(what, " must be finite and >= 0: ", value));
}

void RequireBelowOne(absl::string_view what, double value) {
  if (value >= 0 && value < 1) return;
  throw ValueError(absl::StrCat(what, " must be in [0, 1): ", value));
}

void RequireAtLeast(int64_t least, absl::string_view what, int64_t value) {
  if (value >= least) return;
  throw ValueError(
      absl::StrCat(what, " must be at least ", least, ": ", value));
}

}  // namespace adjoint::optim
