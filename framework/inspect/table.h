// Tables and quantities as text, for people to read.
#ifndef ADJOINT_FRAMEWORK_INSPECT_TABLE_H_
#define ADJOINT_FRAMEWORK_INSPECT_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace adjoint::inspect {

using TableRow = std::vector<std::string>;

struct TableOptions {
  size_t figures = 0;  // So many columns first, aligned right; then texts.
  size_t width = 80;
};

// The rows in lines of at most so many columns. Where a row has no room for all
// of its text, the rest goes on below, at the left edges of its columns: the
// last cell word by word, the others whole. A word that is wider than the last
// column makes its line so much longer; but figures stand closer where that is
// room enough for it.
std::string Table(const std::vector<TableRow>& rows,
                  const TableOptions& options);

// 1536 as "1.5 KiB"; "" for what would read 0, as in all that follows: a table
// is easier to read without it.
std::string Bytes(int64_t bytes);

// In the unit that fits: "1.23 s", "4.56 ms", "7.8 us".
std::string Duration(double seconds);

// 0.123 as "12.3 %".
std::string Percentage(double fraction);

// For tables, in at most six characters: "848K" of bytes, "25.7M", "114us".
std::string ShortBytes(int64_t bytes);
std::string ShortCount(double n);
std::string ShortDuration(double seconds);

}  // namespace adjoint::inspect

#endif  // ADJOINT_FRAMEWORK_INSPECT_TABLE_H_
