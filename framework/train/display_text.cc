#include "framework/train/display_text.h"

#include <cstddef>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace adjoint::train {
namespace {

struct Character {
  uint32_t code;  // 0xFFFD for a byte that is not UTF-8.
  size_t bytes;
};

// The first character of `text`, which is not empty.
Character First(absl::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const size_t bytes = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  constexpr Character kInvalid = {0xFFFD, 1};
  if (lead < 0xC2 || lead > 0xF4 || text.size() < bytes) return kInvalid;
  uint32_t code = lead & (0xFF >> (bytes + 1));
  for (size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return kInvalid;
    code = code << 6 | (byte(i) & 0x3F);
  }
  constexpr uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  if (code < kLeast[bytes] || code > 0x10FFFF || surrogate) return kInvalid;
  return {code, bytes};
}

// Unicode's combining marks and wide blocks, roughly; wcwidth would need the
// process's locale.
int ColumnsOf(uint32_t code) {
  const auto in = [code](uint32_t low, uint32_t high) {
    return code >= low && code <= high;
  };
  if (in(0x300, 0x36F) || in(0x200B, 0x200F) || in(0xFE00, 0xFE0F)) return 0;
  const bool wide =
      in(0x1100, 0x115F) || in(0x2E80, 0xA4CF) || in(0xAC00, 0xD7A3) ||
      in(0xF900, 0xFAFF) || in(0xFE30, 0xFE6F) || in(0xFF00, 0xFF60) ||
      in(0xFFE0, 0xFFE6) || in(0x1F300, 0x1FAFF) || in(0x20000, 0x3FFFD);
  return wide ? 2 : 1;
}

}  // namespace

std::string WithCommas(int64_t n) {
  std::string digits = absl::StrCat(n);
  for (int i = static_cast<int>(digits.size()) - 3; i > (n < 0 ? 1 : 0);
       i -= 3) {
    digits.insert(i, ",");
  }
  return digits;
}

int DisplayColumns(absl::string_view utf8) {
  int columns = 0;
  while (!utf8.empty()) {
    const Character c = First(utf8);
    columns += ColumnsOf(c.code);
    utf8.remove_prefix(c.bytes);
  }
  return columns;
}

std::string CutToColumns(absl::string_view utf8, int columns) {
  size_t end = 0;
  while (end < utf8.size()) {
    const Character c = First(utf8.substr(end));
    columns -= ColumnsOf(c.code);
    if (columns < 0) break;
    end += c.bytes;
  }
  return std::string(utf8.substr(0, end));
}

std::string EscapeControls(absl::string_view text) {
  std::string escaped;
  while (!text.empty()) {
    const Character c = First(text);
    const bool invalid = c.code == 0xFFFD && c.bytes == 1;
    const bool control = c.code < 0x20 || (c.code >= 0x7F && c.code < 0xA0);
    for (size_t i = 0; i < c.bytes; ++i) {
      if (invalid || control) {
        absl::StrAppendFormat(&escaped, "\\x%02x",
                              static_cast<uint8_t>(text[i]));
      } else {
        escaped += text[i];
      }
    }
    text.remove_prefix(c.bytes);
  }
  return escaped;
}

std::string EscapeLines(absl::string_view text) {
  std::vector<std::string> lines;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    lines.push_back(EscapeControls(line));
  }
  return absl::StrJoin(lines, "\n");
}

}  // namespace adjoint::train
