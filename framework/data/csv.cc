#include "framework/data/csv.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "framework/base/error.h"
#include "framework/base/file.h"
#include "framework/data/checksum.h"
#include "framework/data/text.h"

namespace adjoint::data {
namespace {

// Where a cell is, for messages.
struct Place {
  absl::string_view path;
  int64_t line = 1;
  int64_t column = 1;

  absl::Status Malformed(absl::string_view problem) const {
    return absl::InvalidArgumentError(absl::StrCat(
        path, ": line ", line, ", column ", column, ": ", problem));
  }
};

// A cell as a message may show it.
std::string Quoted(absl::string_view cell) {
  constexpr size_t kShown = 40;
  return absl::StrCat("'", absl::CHexEscape(cell.substr(0, kShown)),
                      cell.size() > kShown ? "...'" : "'");
}

// Takes rows off the front of a text.
class RowReader {
 public:
  RowReader(absl::string_view text, absl::string_view path, char separator)
      : rest_(absl::StripPrefix(text, "\xef\xbb\xbf")),
        next_{.path = path},
        separator_(separator) {}

  bool done() const { return rest_.empty(); }

  // Where the row taken last begins.
  Place place(size_t column) const {
    return {row_.path, row_.line, static_cast<int64_t>(column) + 1};
  }

  // REQUIRES: !done().
  absl::StatusOr<std::vector<std::string>> Take() {
    row_ = next_;
    next_.column = 1;
    std::vector<std::string> cells;
    while (true) {
      std::string cell;
      absl::Status status =
          absl::StartsWith(rest_, "\"") ? TakeQuoted(cell) : TakePlain(cell);
      if (!status.ok()) return status;
      cells.push_back(std::move(cell));
      if (!rest_.empty() && rest_[0] == separator_) {
        rest_.remove_prefix(1);
        ++next_.column;
        continue;
      }
      if (!absl::ConsumePrefix(&rest_, "\r\n")) {
        absl::ConsumePrefix(&rest_, "\n");
      }
      ++next_.line;
      return cells;
    }
  }

 private:
  // Whether a cell may end here.
  bool AtEnd() const {
    return rest_.empty() || rest_[0] == separator_ || rest_[0] == '\n' ||
           absl::StartsWith(rest_, "\r\n");
  }

  absl::Status TakePlain(std::string& cell) {
    size_t n = 0;
    const absl::string_view all = rest_;
    for (; !AtEnd(); rest_.remove_prefix(1)) {
      if (all[n++] == '"') {
        return next_.Malformed("a quote inside a cell that is not quoted");
      }
    }
    cell = std::string(all.substr(0, n));
    return absl::OkStatus();
  }

  absl::Status TakeQuoted(std::string& cell) {
    const Place begin = next_;
    rest_.remove_prefix(1);
    while (!absl::ConsumePrefix(&rest_, "\"") ||
           (!rest_.empty() && rest_[0] == '"')) {
      if (rest_.empty()) return begin.Malformed("the quote is not closed");
      if (rest_[0] == '\n') ++next_.line;
      cell.push_back(rest_[0]);
      rest_.remove_prefix(1);
    }
    if (AtEnd()) return absl::OkStatus();
    return next_.Malformed("more follows the closing quote");
  }

  absl::string_view rest_;
  Place row_, next_;
  const char separator_;
};

// Which columns are targets, by their places in a row.
absl::StatusOr<std::vector<size_t>> TargetColumns(
    const std::vector<std::string>& first, const CsvOptions& options,
    absl::string_view path) {
  if (options.targets.empty()) return std::vector<size_t>{first.size() - 1};
  std::vector<size_t> columns;
  for (const std::string& target : options.targets) {
    const auto named = options.header
                           ? std::find(first.begin(), first.end(), target)
                           : first.end();
    size_t column = named - first.begin();
    if (int64_t number; named == first.end() &&
                        absl::SimpleAtoi(target, &number) && number >= 1 &&
                        number <= static_cast<int64_t>(first.size())) {
      column = number - 1;
    }
    if (column == first.size()) {
      return absl::InvalidArgumentError(absl::StrCat(
          path, ": there is no column ", Quoted(target), " for a target"));
    }
    if (std::find(columns.begin(), columns.end(), column) != columns.end()) {
      return absl::InvalidArgumentError(absl::StrCat(
          path, ": column ", Quoted(target), " is a target twice"));
    }
    columns.push_back(column);
  }
  return columns;
}

template <class T>
absl::Status ParseNumber(const std::string& cell, const Place& place,
                         std::vector<T>& to) {
  const absl::string_view text = absl::StripAsciiWhitespace(cell);
  if (text.empty()) return place.Malformed("the cell is empty");
  double value;
  // Abseil reads hexadecimal too.
  if (absl::StrContains(absl::AsciiStrToLower(text), "x") ||
      !absl::SimpleAtod(text, &value)) {
    return place.Malformed(absl::StrCat("not a number: ", Quoted(cell)));
  }
  to.push_back(static_cast<T>(value));
  if (std::isfinite(to.back())) return absl::OkStatus();
  return place.Malformed(
      absl::StrCat("not a finite ", Name(kDTypeOf<T>), ": ", Quoted(cell)));
}

// The classes numbered in the order of their names.
Tensor Number(const std::vector<std::string>& labels,
              std::vector<std::string>& names) {
  std::map<std::string, int32_t> numbers;
  for (const std::string& label : labels) numbers[label];
  for (auto& [name, number] : numbers) {
    number = static_cast<int32_t>(names.size());
    names.push_back(name);
  }
  std::vector<int32_t> y;
  for (const std::string& label : labels) y.push_back(numbers[label]);
  return FromSpan<int32_t>({static_cast<int64_t>(y.size())}, y);
}

// The columns of a table, row by row.
template <class T>
struct Table {
  std::vector<T> x, y;
  std::vector<std::string> labels;  // Instead of y.

  absl::Status Add(const std::vector<std::string>& row,
                   const std::vector<size_t>& targets, bool classes,
                   const RowReader& reader) {
    for (size_t i = 0; i < row.size(); ++i) {
      if (std::find(targets.begin(), targets.end(), i) != targets.end()) {
        continue;
      }
      absl::Status status = ParseNumber(row[i], reader.place(i), x);
      if (!status.ok()) return status;
    }
    for (size_t i : targets) {
      if (classes) {
        if (row[i].empty())
          return reader.place(i).Malformed("the cell is empty");
        labels.push_back(row[i]);
        continue;
      }
      absl::Status status = ParseNumber(row[i], reader.place(i), y);
      if (!status.ok()) return status;
    }
    return absl::OkStatus();
  }
};

template <class T>
absl::StatusOr<TensorDataset> Parse(absl::string_view text,
                                    absl::string_view path,
                                    const CsvOptions& options) {
  RowReader reader(text, path, options.separator);
  if (reader.done()) return Place{path}.Malformed("the file is empty");
  absl::StatusOr<std::vector<std::string>> row = reader.Take();
  if (!row.ok()) return row.status();
  const auto columns = static_cast<int64_t>(row->size());
  absl::StatusOr<std::vector<size_t>> targets =
      TargetColumns(*row, options, path);
  if (!targets.ok()) return targets.status();
  Table<T> table;
  int64_t n = 0;
  for (bool first = true; first || !reader.done(); first = false) {
    if (!first) row = reader.Take();
    if (!row.ok()) return row.status();
    if (first && options.header) continue;
    const auto found = static_cast<int64_t>(row->size());
    if (found != columns) {
      return reader.place(std::min(found, columns))
          .Malformed(absl::StrCat("the row has ", found, " cells instead of ",
                                  columns));
    }
    absl::Status status =
        table.Add(*row, *targets, options.target_is_class, reader);
    if (!status.ok()) return status;
    ++n;
  }
  const auto many = static_cast<int64_t>(targets->size());
  DatasetInfo info = {.checksum = ChecksumOf(text).ToString()};
  const Tensor y = options.target_is_class
                       ? Number(table.labels, info.class_names)
                       : FromSpan<T>({n, many}, table.y);
  return TensorDataset(FromSpan<T>({n, columns - many}, table.x), y,
                       std::move(info));
}

}  // namespace

absl::StatusOr<TensorDataset> ParseCsv(absl::string_view contents,
                                       absl::string_view path,
                                       const CsvOptions& options) {
  if (!IsFloat(options.dtype)) {
    throw DTypeError("ReadCsv: dtype must be f32 or f64");
  }
  if (options.target_is_class && options.targets.size() > 1) {
    throw ValueError("ReadCsv: one target may be a class, not several");
  }
  absl::StatusOr<std::string> text = ParseText(contents, path);
  if (!text.ok()) return text.status();
  return VisitFloat(options.dtype, [&](auto zero) {
    return Parse<decltype(zero)>(*text, path, options);
  });
}

absl::StatusOr<TensorDataset> ReadCsv(const std::string& path,
                                      const CsvOptions& options) {
  absl::StatusOr<std::string> contents = ReadFile(path);
  if (!contents.ok()) return contents.status();
  return ParseCsv(*contents, path, options);
}

}  // namespace adjoint::data
