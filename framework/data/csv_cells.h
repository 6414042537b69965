// The cells of comma-separated values, as RFC 4180 has them.
#ifndef ADJOINT_FRAMEWORK_DATA_CSV_CELLS_H_
#define ADJOINT_FRAMEWORK_DATA_CSV_CELLS_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace adjoint::data {

// Where a cell begins, for messages.
struct CsvPlace {
  absl::string_view path;
  int64_t line = 1;
  int64_t column = 1;  // Of the cells in its row.

  // "path: line 2, column 3: problem", an InvalidArgument error.
  absl::Status Malformed(absl::string_view problem) const;
};

// Takes cells off the front of a text, which outlives it. Holds no memory but
// that of one cell.
class CsvCells {
 public:
  CsvCells(absl::string_view text, absl::string_view path, char separator);

  bool done() const { return row_ended_ && rest_.empty(); }

  // Whether the cell taken last is the last of its row.
  bool row_ended() const { return row_ended_; }

  // Where that cell begins, and where the next one does.
  const CsvPlace& place() const { return place_; }
  const CsvPlace& next() const { return next_; }

  // The next cell without its quotes, which is there until the next call.
  // InvalidArgument, and then nothing more may be taken, for a quote that is
  // not closed or is where none may be. REQUIRES: !done().
  absl::StatusOr<absl::string_view> Take();

 private:
  bool AtEnd() const;  // Whether a cell may end here.
  absl::StatusOr<absl::string_view> TakePlain();
  absl::StatusOr<absl::string_view> TakeQuoted();

  absl::string_view rest_;
  CsvPlace place_, next_;
  bool row_ended_ = true;
  char separator_;
  std::string unquoted_;
};

}  // namespace adjoint::data

#endif  // ADJOINT_FRAMEWORK_DATA_CSV_CELLS_H_
