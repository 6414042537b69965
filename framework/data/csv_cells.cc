#include "framework/data/csv_cells.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"

namespace adjoint::data {

absl::Status CsvPlace::Malformed(absl::string_view problem) const {
  return absl::InvalidArgumentError(
      absl::StrCat(path, ": line ", line, ", column ", column, ": ", problem));
}

// The text may begin with UTF-8's byte order mark.
CsvCells::CsvCells(absl::string_view text, absl::string_view path,
                   char separator)
    : rest_(absl::StripPrefix(text, "\xef\xbb\xbf")),
      next_{.path = path},
      separator_(separator) {}

absl::StatusOr<absl::string_view> CsvCells::Take() {
  place_ = next_;
  absl::StatusOr<absl::string_view> cell =
      absl::StartsWith(rest_, "\"") ? TakeQuoted() : TakePlain();
  if (!cell.ok()) return cell;
  row_ended_ = rest_.empty() || rest_[0] != separator_;
  if (!row_ended_) {
    rest_.remove_prefix(1);
    ++next_.column;
    return cell;
  }
  if (!absl::ConsumePrefix(&rest_, "\r\n")) absl::ConsumePrefix(&rest_, "\n");
  ++next_.line;
  next_.column = 1;
  return cell;
}

bool CsvCells::AtEnd() const {
  return rest_.empty() || rest_[0] == separator_ || rest_[0] == '\n' ||
         absl::StartsWith(rest_, "\r\n");
}

absl::StatusOr<absl::string_view> CsvCells::TakePlain() {
  const absl::string_view all = rest_;
  for (; !AtEnd(); rest_.remove_prefix(1)) {
    if (rest_[0] == '"') {
      return place_.Malformed("a quote inside a cell that is not quoted");
    }
  }
  return all.substr(0, all.size() - rest_.size());
}

absl::StatusOr<absl::string_view> CsvCells::TakeQuoted() {
  rest_.remove_prefix(1);
  // Two quotes stand for one, which does not close.
  size_t end = rest_.find('"');
  while (end < rest_.size() && rest_.substr(end + 1, 1) == "\"") {
    end = rest_.find('"', end + 2);
  }
  if (end == rest_.npos) return place_.Malformed("the quote is not closed");
  const absl::string_view cell = rest_.substr(0, end);
  rest_.remove_prefix(end + 1);
  next_.line += std::count(cell.begin(), cell.end(), '\n');
  if (!AtEnd()) return next_.Malformed("more follows the closing quote");
  if (cell.find('"') == cell.npos) return cell;
  unquoted_ = absl::StrReplaceAll(cell, {{"\"\"", "\""}});
  return unquoted_;
}

}  // namespace adjoint::data
