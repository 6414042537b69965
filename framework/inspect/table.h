// Tables and quantities as text, for people to read.
#ifndef ADJOINT_FRAMEWORK_INSPECT_TABLE_H_
#define ADJOINT_FRAMEWORK_INSPECT_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace adjoint::inspect {

using TableRow = std::vector<std::string>;

// The rows as lines, each column as wide as its widest cell. The first `left`
// columns align left, the others right. A row may be shorter than the first.
std::string Table(const std::vector<TableRow>& rows, size_t left = 1);

// 1536 as "1.5 KiB"; "" for what would read 0, as in all that follows: a table
// is easier to read without it.
std::string Bytes(int64_t bytes);

// 25690112 as "25.7 M".
std::string Count(double n);

// In the unit that fits: "1.23 s", "4.56 ms", "7.8 us".
std::string Duration(double seconds);

// 0.123 as "12.3 %".
std::string Percentage(double fraction);

}  // namespace adjoint::inspect

#endif  // ADJOINT_FRAMEWORK_INSPECT_TABLE_H_
