// The name that was probably meant.
#ifndef ADJOINT_FRAMEWORK_BASE_NEAREST_H_
#define ADJOINT_FRAMEWORK_BASE_NEAREST_H_

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace adjoint {

// The one of `names` that takes the fewest single-character edits (Levenshtein
// 1966) to become `name`, the first of them if several do. Empty if none is
// near: all take more edits than a third of the length of `name` and one.
absl::string_view NearestOf(absl::string_view name,
                            absl::Span<const absl::string_view> names);

}  // namespace adjoint

#endif  // ADJOINT_FRAMEWORK_BASE_NEAREST_H_
