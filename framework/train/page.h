// A web page that is one file: it shows what is filled into it, without a
// network, in any browser. Its sources are in framework/train/report/.
#ifndef ADJOINT_FRAMEWORK_TRAIN_PAGE_H_
#define ADJOINT_FRAMEWORK_TRAIN_PAGE_H_

#include <string>

#include "absl/strings/string_view.h"

namespace adjoint::train {

// The page with `title` and with `json`, which its script draws: "kind" says
// what it is, "report" or "comparison". Neither is trusted: "<" in `json` is
// escaped, and so is all of the title that HTML would take for its own.
//
// REQUIRES: `json` is JSON.
std::string FillPage(absl::string_view title, absl::string_view json);

// `bytes` as a string of JSON, with its quotes: ASCII, in which U+FFFD stands
// for what was not UTF-8.
std::string JsonString(absl::string_view bytes);

// The same for any JSON text. "null" for what is not JSON, or nested more than
// 64 deep.
std::string CleanJson(absl::string_view json);

// The file `name` of framework/train/report/; empty if there is none. Written
// at build time.
absl::string_view PageSource(absl::string_view name);

}  // namespace adjoint::train

#endif  // ADJOINT_FRAMEWORK_TRAIN_PAGE_H_
