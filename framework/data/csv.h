// Tables of numbers: comma-separated values as RFC 4180 has them.
//
//   absl::StatusOr<TensorDataset> iris = ReadCsv(
//       "iris.csv", {.targets = {"species"}, .target_is_class = true});
#ifndef ADJOINT_FRAMEWORK_DATA_CSV_H_
#define ADJOINT_FRAMEWORK_DATA_CSV_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "framework/core/dtype.h"
#include "framework/data/dataset.h"

namespace adjoint::data {

// Of more classes than this a file is refused: a column of numbers, probably.
inline constexpr size_t kMaxCsvClasses = 65536;

struct CsvOptions {
  char separator = ',';
  bool header = true;  // Whether the first line names the columns.
  // The columns that make y, each by its name or by its number from 1; if there
  // are none, the last one.
  std::vector<std::string> targets = {};
  // Whether the one target is the name of a class: y is then i32 [n], the
  // classes numbered in the order of the bytes of their names, which info()
  // has.
  bool target_is_class = false;
  DType dtype = DType::kF32;  // Of x, and of y unless it is a class.
};

// The rows of the file at `path`, plain or compressed by gzip: x [n, columns
// that are no target], y [n, targets] in the order of `targets`. A column
// needs a number in each row, or a name that is not empty; spaces around a
// number are skipped. A cell may be quoted, a line end with "\n" or "\r\n", and
// the file begin with UTF-8's byte order mark. A file of a header alone has no
// rows: Train refuses such data.
//
// The file is not trusted. InvalidArgument of one line, with path, line and
// column (from 1), for a cell that is missing, empty, no finite number, or has
// a quote where none may be; for a row that is too short or too long; and for
// a target that no column is, with those that there are. Memory stays within
// the file's size, six times the bytes that it really holds and 16 MiB. Throws
// DTypeError for an integer dtype and ValueError for several targets that are
// classes.
absl::StatusOr<TensorDataset> ReadCsv(const std::string& path,
                                      const CsvOptions& options = {});

// The same for the contents of a file; `path` is for messages only.
absl::StatusOr<TensorDataset> ParseCsv(absl::string_view contents,
                                       absl::string_view path,
                                       const CsvOptions& options = {});

}  // namespace adjoint::data

#endif  // ADJOINT_FRAMEWORK_DATA_CSV_H_
