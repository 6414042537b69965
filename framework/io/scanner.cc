#include "framework/io/scanner.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace adjoint::io {

absl::Status Malformed(absl::string_view path, size_t offset,
                       absl::string_view field, absl::string_view problem) {
  return absl::InvalidArgumentError(
      absl::StrCat(path, ": offset ", offset, ": ", field, ": ", problem));
}

std::string Quoted(absl::string_view text) {
  return absl::StrCat("\"", absl::CHexEscape(text), "\"");
}

size_t Scanner::Here() {
  at_ = std::min(text_.find_first_not_of(blanks_, at_), text_.size());
  return offset_ + at_;
}

bool Scanner::Take(absl::string_view token) {
  Here();
  if (!absl::StartsWith(Rest(), token)) return false;
  Advance(token.size());
  return true;
}

bool Scanner::Expect(absl::string_view token) {
  return Take(token) || FailForWantOf(Quoted(token));
}

bool Scanner::Integer(int64_t& value) {
  constexpr int64_t kLimit = int64_t{1} << 53;
  const size_t begin = Here();
  const absl::string_view rest = Rest();
  size_t n = 0;
  value = 0;
  for (; n < rest.size() && absl::ascii_isdigit(rest[n]); ++n) {
    value = std::min(10 * value + (rest[n] - '0'), kLimit);
  }
  if (n == 0) {
    return Take("-") ? FailAt(begin, "a number is negative")
                     : FailForWantOf("an integer");
  }
  if (value == kLimit) return Fail("a number is 2^53 or more");
  if (n > 1 && rest[0] == '0') return Fail("a number begins with 0");
  if (n < rest.size() && absl::StrContains(".eE", rest[n])) {
    return Fail("a number is not an integer");
  }
  Advance(n);
  return true;
}

bool Scanner::FailForWantOf(absl::string_view wanted) {
  const std::string found =
      Rest().empty() ? "the end" : Quoted(Rest().substr(0, 1));
  return Fail(absl::StrCat(wanted, " expected, not ", found));
}

bool Scanner::FailAt(size_t offset, absl::string_view problem) {
  if (status_.ok()) status_ = Malformed(path_, offset, field_, problem);
  return false;
}

}  // namespace adjoint::io
