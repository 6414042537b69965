// Text that people read on a terminal.
#ifndef ADJOINT_FRAMEWORK_TRAIN_DISPLAY_TEXT_H_
#define ADJOINT_FRAMEWORK_TRAIN_DISPLAY_TEXT_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace adjoint::train {

// 109386 as "109,386".
std::string WithCommas(int64_t n);

// The columns that `utf8` takes: none for a combining mark, two for a wide
// East Asian character or a pictograph, else one a character. REQUIRES: no
// control characters.
int DisplayColumns(absl::string_view utf8);

// As much of the beginning of `utf8` as fits `columns`; never part of a
// character.
std::string CutToColumns(absl::string_view utf8, int columns);

// `text` with control characters and bytes that are not UTF-8 as "\x1b", so
// that a name from a file cannot command the terminal or tear its line.
std::string EscapeControls(absl::string_view text);

// The same for each line of `text`, which stay lines.
std::string EscapeLines(absl::string_view text);

}  // namespace adjoint::train

#endif  // ADJOINT_FRAMEWORK_TRAIN_DISPLAY_TEXT_H_
