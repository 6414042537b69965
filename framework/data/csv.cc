#include "framework/data/csv.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "framework/base/error.h"
#include "framework/base/file.h"
#include "framework/base/nearest.h"
#include "framework/base/within_memory.h"
#include "framework/core/array.h"
#include "framework/data/checksum.h"
#include "framework/data/csv_cells.h"
#include "framework/data/text.h"

namespace adjoint::data {
namespace {

// A cell as a message may show it.
std::string Quoted(absl::string_view cell) {
  constexpr size_t kShown = 40;
  return absl::StrCat("'", absl::CHexEscape(cell.substr(0, kShown)),
                      cell.size() > kShown ? "...'" : "'");
}

struct Columns {
  int64_t count = 0;
  std::vector<int64_t> targets;  // Their places in a row, from 0.
};

// What to do about a target that no cell of the first row is; `row` is before
// that row.
std::string ColumnsThatThereAre(CsvCells row, const std::string& target,
                                char separator) {
  constexpr size_t kListed = 20, kCompared = 1000;
  std::vector<std::string> names;
  size_t count = 0;
  do {
    const absl::StatusOr<absl::string_view> cell = row.Take();
    if (!cell.ok()) break;
    if (count++ < kCompared) names.emplace_back(*cell);
  } while (!row.row_ended());
  std::string text;
  const absl::string_view nearest = NearestOf(
      target, std::vector<absl::string_view>(names.begin(), names.end()));
  if (!nearest.empty()) {
    absl::StrAppend(&text, ", is it ", Quoted(nearest), "?");
  }
  absl::StrAppend(&text, count == 1 ? " The only one is " : " There are ");
  for (size_t i = 0; i < std::min(names.size(), kListed); ++i) {
    absl::StrAppend(&text, i == 0 ? "" : ", ", Quoted(names[i]));
  }
  if (count > kListed) {
    absl::StrAppend(&text, " and ", count - kListed, " more");
  }
  for (const char other : {',', ';', '\t'}) {
    if (count > 1 || names[0].find(other) == std::string::npos) continue;
    absl::StrAppend(&text, "; is the separator ",
                    Quoted(absl::string_view(&other, 1)), " and not ",
                    Quoted(absl::string_view(&separator, 1)), "?");
  }
  return text;
}

// Takes the first row, which may name the columns.
absl::StatusOr<Columns> TakeFirstRow(CsvCells& reader,
                                     const CsvOptions& options) {
  const std::vector<std::string>& names = options.targets;
  Columns columns = {.targets = std::vector<int64_t>(names.size(), -1)};
  std::vector<int64_t>& targets = columns.targets;
  const CsvCells first = reader;
  do {
    const absl::StatusOr<absl::string_view> cell = reader.Take();
    if (!cell.ok()) return cell.status();
    for (size_t i = 0; options.header && i < names.size(); ++i) {
      if (targets[i] < 0 && *cell == names[i]) targets[i] = columns.count;
    }
    ++columns.count;
  } while (!reader.row_ended());
  if (names.empty()) targets = {columns.count - 1};
  for (size_t i = 0; i < names.size(); ++i) {
    if (int64_t number; targets[i] < 0 && absl::SimpleAtoi(names[i], &number) &&
                        number >= 1 && number <= columns.count) {
      targets[i] = number - 1;
    }
    const absl::string_view path = reader.place().path;
    if (targets[i] < 0) {
      return absl::InvalidArgumentError(absl::StrCat(
          path, ": there is no column ", Quoted(names[i]), " for a target",
          ColumnsThatThereAre(first, names[i], options.separator)));
    }
    const auto end = targets.begin() + i;
    if (std::find(targets.begin(), end, targets[i]) != end) {
      return absl::InvalidArgumentError(absl::StrCat(
          path, ": column ", Quoted(names[i]), " is a target twice"));
    }
  }
  return columns;
}

// Takes a row and says what is wrong with it, whatever its cells mean.
absl::Status CheckRow(CsvCells& reader, int64_t columns) {
  CsvPlace place = reader.next();
  int64_t found = 0;
  absl::Status status;
  do {
    const absl::StatusOr<absl::string_view> cell = reader.Take();
    if (!cell.ok()) return cell.status();
    if (cell->empty() && status.ok()) {
      status = reader.place().Malformed("the cell is empty");
    }
    ++found;
  } while (!reader.row_ended());
  if (found == columns) return status;
  place.column = std::min(found, columns) + 1;
  return place.Malformed(
      absl::StrCat("the row has ", found, " cells instead of ", columns));
}

template <class T>
absl::Status ParseNumber(absl::string_view cell, const CsvPlace& place, T& to) {
  const absl::string_view text = absl::StripAsciiWhitespace(cell);
  if (text.empty()) return place.Malformed("the cell is empty");
  double value;
  // Abseil reads hexadecimal too.
  if (text.find_first_of("xX") != text.npos ||
      !absl::SimpleAtod(text, &value)) {
    return place.Malformed(absl::StrCat("not a number: ", Quoted(cell)));
  }
  to = static_cast<T>(value);
  if (std::isfinite(to)) return absl::OkStatus();
  return place.Malformed(
      absl::StrCat("not a finite ", Name(kDTypeOf<T>), ": ", Quoted(cell)));
}

// Numbers classes, first as they come and in the end by the order of names.
class ClassNumbers {
 public:
  absl::Status Number(absl::string_view name, const CsvPlace& place,
                      int32_t& to) {
    const auto found = numbers_.find(name);
    if (found != numbers_.end()) {
      to = found->second;
      return absl::OkStatus();
    }
    if (numbers_.size() == kMaxCsvClasses) {
      return place.Malformed(
          absl::StrCat("there are more than ", kMaxCsvClasses, " classes"));
    }
    to = static_cast<int32_t>(numbers_.size());
    numbers_.emplace(name, to);
    return absl::OkStatus();
  }

  // Puts `labels` into the order of the names, which are returned.
  std::vector<std::string> Sort(absl::Span<int32_t> labels) && {
    std::vector<int32_t> place(numbers_.size());
    std::vector<std::string> names;
    while (!numbers_.empty()) {
      auto first = numbers_.extract(numbers_.begin());
      place[first.mapped()] = static_cast<int32_t>(names.size());
      names.push_back(std::move(first.key()));
    }
    for (int32_t& label : labels) label = place[label];
    return names;
  }

 private:
  std::map<std::string, int32_t, std::less<>> numbers_;
};

// What the cells mean. x [n, columns that are no target] and y [n, targets], or
// [n] of classes.
template <class T>
struct Table {
  const Columns& columns;
  Ref<Array> x, y;
  bool classes;
  ClassNumbers numbers = {};

  // Parses cell `i`, counted along the rows.
  absl::Status Set(int64_t i, absl::string_view cell, const CsvPlace& place) {
    const std::vector<int64_t>& targets = columns.targets;
    const auto many = static_cast<int64_t>(targets.size());
    const int64_t row = i / columns.count, column = i % columns.count;
    int64_t before = 0;  // Targets to the left.
    for (int64_t k = 0; k < many; ++k) {
      before += targets[k] < column;
      if (targets[k] != column) continue;
      if (classes) {
        return numbers.Number(cell, place,
                              static_cast<int32_t*>(y->data())[row]);
      }
      return ParseNumber(cell, place,
                         static_cast<T*>(y->data())[row * many + k]);
    }
    const int64_t at = row * (columns.count - many) + column - before;
    return ParseNumber(cell, place, static_cast<T*>(x->data())[at]);
  }
};

// The rows are counted before memory is taken for them: it is in proportion to
// cells that are there. Each but an empty one, which ends the counting, takes
// two bytes of the text with what parts it from the next.
template <class T>
absl::StatusOr<TensorDataset> Parse(absl::string_view text,
                                    absl::string_view path,
                                    const CsvOptions& options) {
  CsvCells reader(text, path, options.separator);
  if (reader.done()) return CsvPlace{path}.Malformed("the file is empty");
  const absl::StatusOr<Columns> columns = TakeFirstRow(reader, options);
  if (!columns.ok()) return columns.status();
  const CsvCells first =
      options.header ? reader : CsvCells(text, path, options.separator);
  int64_t n = 0;
  absl::Status fault;
  for (reader = first; !reader.done(); ++n) {
    fault = CheckRow(reader, columns->count);
    if (!fault.ok()) break;
  }
  const auto many = static_cast<int64_t>(columns->targets.size());
  const bool classes = options.target_is_class;
  Table<T> table = {*columns,
                    Array::New(kDTypeOf<T>, {n, columns->count - many}),
                    classes ? Array::New(DType::kI32, {n})
                            : Array::New(kDTypeOf<T>, {n, many}),
                    classes};
  reader = first;
  for (int64_t i = 0; i < n * columns->count; ++i) {
    const absl::string_view cell = *reader.Take();
    absl::Status status = table.Set(i, cell, reader.place());
    if (!status.ok()) return status;
  }
  if (!fault.ok()) return fault;
  DatasetInfo info = {.checksum = ChecksumOf(text).ToString()};
  if (classes) {
    info.class_names =
        std::move(table.numbers)
            .Sort(absl::MakeSpan(static_cast<int32_t*>(table.y->data()), n));
  }
  return TensorDataset(Tensor(table.x), Tensor(table.y), std::move(info));
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
  return WithinMemory(path, [&] {
    return VisitFloat(options.dtype, [&](auto zero) {
      return Parse<decltype(zero)>(*text, path, options);
    });
  });
}

absl::StatusOr<TensorDataset> ReadCsv(const std::string& path,
                                      const CsvOptions& options) {
  absl::StatusOr<std::string> contents = ReadFile(path);
  if (!contents.ok()) return contents.status();
  return ParseCsv(*contents, path, options);
}

}  // namespace adjoint::data
