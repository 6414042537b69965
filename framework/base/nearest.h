// The name that was probably meant.
#ifndef ADJOINT_FRAMEWORK_BASE_NEAREST_H_
#define ADJOINT_FRAMEWORK_BASE_NEAREST_H_

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace adjoint {

// The one of `names` that takes the fewest edits to become `name`, the first of
// them if several do: a character more, less or another one, or two neighbours
// that change places (Damerau 1964). Empty if none is near: all take more edits
// than a third of the length of `name` and one, or than half of the length of
// the longer of the two.
absl::string_view NearestOf(absl::string_view name,
                            absl::Span<const absl::string_view> names);

}  // namespace adjoint

#endif  // ADJOINT_FRAMEWORK_BASE_NEAREST_H_
