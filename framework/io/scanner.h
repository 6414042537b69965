// A cursor over the text in which a file describes itself.
//
//   Scanner scan(text, offset, path, " ");
//   if (scan.Expect("(") && scan.Integer(n) && scan.Expect(")")) return n;
//   return scan.status();
//
// The text is not trusted. Each step says whether it succeeded, and the first
// that did not leaves an error that names path, offset and field.
#ifndef ADJOINT_FRAMEWORK_IO_SCANNER_H_
#define ADJOINT_FRAMEWORK_IO_SCANNER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace adjoint::io {

// "path: offset 12: field: problem", an InvalidArgument error.
absl::Status Malformed(absl::string_view path, size_t offset,
                       absl::string_view field, absl::string_view problem);

// `text` between quotation marks, with all but printable ASCII escaped, so that
// names from files can be shown on a terminal.
std::string Quoted(absl::string_view text);

class Scanner {
 public:
  // `text` begins at `offset` of the file at `path`; any of `blanks` may stand
  // before what is scanned. What is viewed must outlive the scanner.
  Scanner(absl::string_view text, size_t offset, absl::string_view path,
          absl::string_view blanks)
      : text_(text), offset_(offset), path_(path), blanks_(blanks) {}

  // What the text is from here on, for errors: "shape".
  void Enter(std::string field) { field_ = std::move(field); }

  // The offset in the file of what comes next, behind blanks that it skips.
  size_t Here();

  // All that has not been scanned, with its blanks.
  absl::string_view Rest() const { return text_.substr(at_); }

  // Steps over the next `n` bytes. REQUIRES: so many are left.
  void Advance(size_t n) { at_ += n; }

  // Steps over `token` if it comes next, and says whether it did.
  bool Take(absl::string_view token);

  // The same for one that must come next.
  bool Expect(absl::string_view token);

  // Scans an integer of decimal digits: no sign, no zero in front, < 2^53.
  bool Integer(int64_t& value);

  // Notes that something else comes next than `wanted`. Returns false.
  bool FailForWantOf(absl::string_view wanted);

  // Notes an error, here or at another offset of the file. Returns false. Only
  // the first one counts.
  bool Fail(absl::string_view problem) {
    return FailAt(offset_ + at_, problem);
  }
  bool FailAt(size_t offset, absl::string_view problem);

  // The first error, or OK.
  const absl::Status& status() const { return status_; }

 private:
  const absl::string_view text_;
  const size_t offset_;
  const absl::string_view path_, blanks_;
  size_t at_ = 0;
  std::string field_ = "header";
  absl::Status status_;
};

}  // namespace adjoint::io

#endif  // ADJOINT_FRAMEWORK_IO_SCANNER_H_
