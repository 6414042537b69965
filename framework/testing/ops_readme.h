// The reference page of the ops, made from the catalogue.
#ifndef ADJOINT_FRAMEWORK_TESTING_OPS_README_H_
#define ADJOINT_FRAMEWORK_TESTING_OPS_README_H_

#include <string>

#include "absl/strings/string_view.h"

namespace adjoint::testing {

// The function that applies the op, where it has another name: "Slice" for
// "rows". Otherwise "".
absl::string_view FunctionOf(absl::string_view op);

// framework/ops/README.md as it should be: a row for each op of the catalogue.
std::string OpsReadme();

}  // namespace adjoint::testing

#endif  // ADJOINT_FRAMEWORK_TESTING_OPS_README_H_
