#include "framework/train/json_error.h"

#include <cstddef>

#include "absl/strings/string_view.h"
#include "framework/train/display_text.h"

namespace adjoint::train {

std::string JsonError(const std::exception& error) {
  constexpr size_t kMost = 300;
  const absl::string_view text = error.what();
  return EscapeControls(text.substr(0, kMost)) +
         (text.size() > kMost ? "..." : "");
}

}  // namespace adjoint::train
