#include "framework/inspect/table.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace adjoint::inspect {

std::string Table(const std::vector<TableRow>& rows, size_t left) {
  std::vector<size_t> widths;
  for (const TableRow& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], row[i].size());
    }
  }
  std::string text;
  for (const TableRow& row : rows) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      const std::string gap(widths[i] - row[i].size(), ' ');
      absl::StrAppend(&line, i == 0 ? " " : "  ", i < left ? "" : gap, row[i],
                      i < left ? gap : "");
    }
    line.erase(line.find_last_not_of(' ') + 1);
    absl::StrAppend(&text, line, "\n");
  }
  return text;
}

std::string Bytes(int64_t bytes) {
  if (bytes == 0) return "";
  if (bytes < 1024) return absl::StrCat(bytes, " B");
  const double n = static_cast<double>(bytes);
  if (n < 1 << 20) return absl::StrFormat("%.1f KiB", n / (1 << 10));
  if (n < 1 << 30) return absl::StrFormat("%.2f MiB", n / (1 << 20));
  return absl::StrFormat("%.2f GiB", n / (1 << 30));
}

std::string Count(double n) {
  if (n == 0) return "";
  if (n < 1e3) return absl::StrFormat("%.0f", n);
  if (n < 1e6) return absl::StrFormat("%.1f k", n / 1e3);
  if (n < 1e9) return absl::StrFormat("%.1f M", n / 1e6);
  if (n < 1e12) return absl::StrFormat("%.1f G", n / 1e9);
  return absl::StrFormat("%.1f T", n / 1e12);
}

std::string Duration(double seconds) {
  if (seconds < 5e-8) return "";
  if (seconds < 1e-3) return absl::StrFormat("%.1f us", seconds * 1e6);
  if (seconds < 1) return absl::StrFormat("%.2f ms", seconds * 1e3);
  return absl::StrFormat("%.2f s", seconds);
}

std::string Percentage(double fraction) {
  return fraction < 5e-4 ? "" : absl::StrFormat("%.1f %%", 100 * fraction);
}

}  // namespace adjoint::inspect
