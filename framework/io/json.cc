#include "framework/io/json.h"

#include <cstdint>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace adjoint::io {
namespace {

// The letters that stand for a character behind a backslash, and those
// characters.
constexpr absl::string_view kLetters = "\"\\/bfnrt";
constexpr absl::string_view kEscaped = "\"\\/\b\f\n\r\t";

bool IsSurrogate(uint32_t c) { return c >= 0xd800 && c < 0xe000; }

void AppendUtf8(std::string& out, uint32_t c) {
  if (c < 0x80) {
    out.push_back(static_cast<char>(c));
    return;
  }
  const int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
  // The first byte begins with as many ones as there are bytes, and a zero.
  out.push_back(
      static_cast<char>((0xff00 >> (more + 1) & 0xff) | c >> 6 * more));
  for (int i = more - 1; i >= 0; --i) {
    out.push_back(static_cast<char>(0x80 | (c >> 6 * i & 0x3f)));
  }
}

// Scans the four digits of \u. SimpleHexAtoi alone would take signs and "0x".
bool ScanUnit(Scanner& scan, uint32_t& unit) {
  const absl::string_view digits = scan.Rest().substr(0, 4);
  if (digits.size() < 4 || digits.find_first_not_of("0123456789abcdefABCDEF") !=
                               absl::string_view::npos) {
    return scan.Fail("\\u is not followed by four hexadecimal digits");
  }
  scan.Advance(4);
  return absl::SimpleHexAtoi(digits, &unit);
}

// Scans what follows \u: a character, or two halves of one.
bool ScanUnicode(Scanner& scan, std::string& value) {
  uint32_t c, low;
  if (!ScanUnit(scan, c)) return false;
  if (IsSurrogate(c)) {
    constexpr char kHalf[] = "half of a surrogate pair";
    if (c >= 0xdc00 || scan.Rest().substr(0, 2) != "\\u") {
      return scan.Fail(kHalf);
    }
    scan.Advance(2);
    if (!ScanUnit(scan, low)) return false;
    if (low < 0xdc00 || low >= 0xe000) return scan.Fail(kHalf);
    c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
  }
  AppendUtf8(value, c);
  return true;
}

bool ScanEscape(Scanner& scan, std::string& value) {
  const absl::string_view next = scan.Rest().substr(0, 1);
  if (next == "u") {
    scan.Advance(1);
    return ScanUnicode(scan, value);
  }
  const size_t i = next.empty() ? kLetters.npos : kLetters.find(next[0]);
  if (i == kLetters.npos) return scan.Fail("an unknown escape in a string");
  value.push_back(kEscaped[i]);
  scan.Advance(1);
  return true;
}

// The bytes up to the closing quotation mark.
size_t RawLength(absl::string_view rest) {
  size_t n = 0;
  while (n < rest.size() && rest[n] != '"') n += rest[n] == '\\' ? 2 : 1;
  return n < rest.size() ? n : rest.size();
}

}  // namespace

size_t FirstBadUtf8(absl::string_view text) {
  size_t i = 0;
  while (i < text.size()) {
    const uint8_t first = text[i];
    const int more = first < 0x80                     ? 0
                     : first >= 0xc2 && first <= 0xdf ? 1
                     : first >= 0xe0 && first <= 0xef ? 2
                     : first >= 0xf0 && first <= 0xf4 ? 3
                                                      : -1;
    if (more < 0 || text.size() - i <= static_cast<size_t>(more)) return i;
    uint32_t c = more == 0 ? first : first & (0x3f >> more);
    for (int j = 1; j <= more; ++j) {
      const uint8_t byte = text[i + j];
      if (byte >> 6 != 2) return i;
      c = c << 6 | (byte & 0x3f);
    }
    const bool overlong =
        (more == 2 && c < 0x800) || (more == 3 && c < 0x10000);
    if (overlong || IsSurrogate(c) || c > 0x10ffff) return i;
    i += 1 + more;
  }
  return i;
}

bool ScanJsonString(Scanner& scan, std::string& value) {
  if (!scan.Take("\"")) return scan.FailForWantOf("a string");
  value.clear();
  // At once: growing by doubling could take three times the file's size.
  value.reserve(RawLength(scan.Rest()));
  for (;;) {
    const absl::string_view rest = scan.Rest();
    if (rest.empty()) return scan.Fail("a string has no end");
    if (static_cast<uint8_t>(rest[0]) < 0x20) {
      return scan.Fail("a bare control character in a string");
    }
    scan.Advance(1);
    if (rest[0] == '"') return true;
    if (rest[0] != '\\') {
      value.push_back(rest[0]);
    } else if (!ScanEscape(scan, value)) {
      return false;
    }
  }
}

void AppendJsonString(std::string& out, absl::string_view text) {
  out.push_back('"');
  for (char c : text) {
    const size_t i = c == '/' ? kEscaped.npos : kEscaped.find(c);
    if (i != kEscaped.npos) {
      out.push_back('\\');
      out.push_back(kLetters[i]);
    } else if (static_cast<uint8_t>(c) < 0x20) {
      absl::StrAppend(&out, "\\u", absl::Hex(c, absl::kZeroPad4));
    } else {
      out.push_back(c);
    }
  }
  out.push_back('"');
}

}  // namespace adjoint::io
