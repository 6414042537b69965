// JSON's strings (RFC 8259, section 7).
#ifndef ADJOINT_FRAMEWORK_IO_JSON_H_
#define ADJOINT_FRAMEWORK_IO_JSON_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"
#include "framework/io/scanner.h"

namespace adjoint::io {

// What may stand between JSON's tokens.
inline constexpr absl::string_view kJsonBlanks = " \t\r\n";

// The offset of the first byte that is not part of well-formed UTF-8 (Unicode
// 15, table 3-7): no surrogate, no overlong form, nothing above U+10FFFF.
// text.size() if all is well.
size_t FirstBadUtf8(absl::string_view text);

// Scans a string and undoes its escapes. REQUIRES: the text is UTF-8. So is
// the result, and not longer than what was scanned.
bool ScanJsonString(Scanner& scan, std::string& value);

// Appends `text` as a string with the shortest escapes. REQUIRES: it is UTF-8.
void AppendJsonString(std::string& out, absl::string_view text);

}  // namespace adjoint::io

#endif  // ADJOINT_FRAMEWORK_IO_JSON_H_
