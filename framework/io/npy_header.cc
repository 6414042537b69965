// The header is a literal of Python, of which NumPy writes a small part; that
// part alone is read here.
#include "framework/io/npy_header.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "framework/io/element.h"
#include "framework/io/scanner.h"

namespace adjoint::io {
namespace {

constexpr size_t kMaxNpyHeaderBytes = 65536;

class NpyHeaderParser {
 public:
  NpyHeaderParser(absl::string_view text, size_t offset, absl::string_view path)
      : scan_(text, offset, path, " ") {}

  absl::StatusOr<NpyHeader> Parse() && {
    if (!ScanDict() || !ScanPadding()) return scan_.status();
    return header_;
  }

 private:
  static constexpr absl::string_view kKeys[] = {"descr", "fortran_order",
                                                "shape"};

  bool ScanDict() {
    if (!scan_.Expect("{")) return false;
    std::array<bool, 3> seen = {};
    while (!scan_.Take("}")) {
      const size_t at = scan_.Here();
      absl::string_view name;
      if (!ScanString(name)) return false;
      const auto* key = std::find(std::begin(kKeys), std::end(kKeys), name);
      if (key == std::end(kKeys)) {
        return scan_.FailAt(at, absl::StrCat("unknown key ", Quoted(name)));
      }
      if (std::exchange(seen[key - kKeys], true)) {
        return scan_.FailAt(at, absl::StrCat(*key, " occurs twice"));
      }
      if (!scan_.Expect(":") || !ScanValue(*key)) return false;
      scan_.Enter("header");
      if (scan_.Take(",")) continue;
      if (!scan_.Expect("}")) return false;
      break;
    }
    for (size_t i = 0; i < seen.size(); ++i) {
      if (!seen[i]) return scan_.Fail(absl::StrCat(kKeys[i], " is missing"));
    }
    return true;
  }

  bool ScanPadding() {
    scan_.Here();
    if (scan_.Rest() == "\n") return true;
    return scan_.Fail("not spaces and a newline follow the closing }");
  }

  bool ScanValue(absl::string_view key) {
    scan_.Enter(std::string(key));
    if (key == "shape") return ScanShape();
    if (key == "descr") {
      header_.descr_at = scan_.Here();
      if (absl::StartsWith(scan_.Rest(), "[")) {
        return scan_.Fail("arrays of records are not read");
      }
      return ScanString(header_.descr);
    }
    header_.fortran_order = scan_.Take("True");
    return header_.fortran_order || scan_.Take("False") ||
           scan_.FailForWantOf("True or False");
  }

  // Scans a tuple: (), (3,), (2, 3).
  bool ScanShape() {
    const size_t at = scan_.Here();
    std::array<int64_t, Shape::kMaxRank> dims;
    size_t rank = 0;
    if (!scan_.Expect("(")) return false;
    while (!scan_.Take(")")) {
      if (rank == dims.size()) {
        return scan_.Fail(absl::StrCat("more than ", rank, " axes"));
      }
      if (!scan_.Integer(dims[rank++])) return false;
      if (scan_.Take(",")) continue;
      // Python takes (3) for a number.
      if (rank == 1) return scan_.Expect(",");
      if (!scan_.Expect(")")) return false;
      break;
    }
    const auto shape = CheckedShape(absl::MakeSpan(dims.data(), rank));
    if (!shape) return scan_.FailAt(at, "the shape is too large");
    header_.shape = *shape;
    return true;
  }

  bool ScanString(absl::string_view& value) {
    scan_.Here();
    const absl::string_view quote = scan_.Rest().substr(0, 1);
    if (quote != "'" && quote != "\"") return scan_.FailForWantOf("a string");
    const size_t end = scan_.Rest().find_first_of("'\"\\\n", 1);
    if (end == absl::string_view::npos || scan_.Rest()[end] != quote[0]) {
      return scan_.Fail("a string has no end");
    }
    value = scan_.Rest().substr(1, end - 1);
    scan_.Advance(end + 1);
    return true;
  }

  Scanner scan_;
  NpyHeader header_;
};

}  // namespace

absl::StatusOr<NpyHeader> ParseNpyHeader(absl::string_view contents,
                                         absl::string_view path) {
  if (!absl::StartsWith(contents, kNpyMagic)) {
    return Malformed(path, 0, "magic", "not a file of NumPy's");
  }
  if (contents.size() < 8) {
    return Malformed(path, 6, "version", "the file ends too early");
  }
  const auto major = static_cast<uint8_t>(contents[6]);
  const auto minor = static_cast<uint8_t>(contents[7]);
  if (major < 1 || major > 3 || minor != 0) {
    return Malformed(path, 6, "version",
                     absl::StrCat(major, ".", minor, " is not 1.0 to 3.0"));
  }
  const size_t begin = major == 1 ? 10 : 12;
  if (contents.size() < begin) {
    return Malformed(path, 8, "header length", "the file ends too early");
  }
  const size_t length = major == 1 ? LoadElement<uint16_t>(contents.data() + 8)
                                   : LoadElement<uint32_t>(contents.data() + 8);
  if (length > kMaxNpyHeaderBytes) {
    return Malformed(
        path, 8, "header length",
        absl::StrCat(length, " is more than ", kMaxNpyHeaderBytes));
  }
  if (length > contents.size() - begin) {
    return Malformed(path, 8, "header length",
                     absl::StrCat(length, ", but ", contents.size() - begin,
                                  " bytes follow"));
  }
  absl::StatusOr<NpyHeader> header =
      NpyHeaderParser(contents.substr(begin, length), begin, path).Parse();
  if (header.ok()) header->size = begin + length;
  return header;
}

}  // namespace adjoint::io
