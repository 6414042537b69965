#include "framework/base/nearest.h"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace adjoint {
namespace {

// The edits from one to the other, by the table of Wagner and Fischer (1974),
// of which the last three rows are kept.
size_t Edits(absl::string_view a, absl::string_view b) {
  std::vector<size_t> row(b.size() + 1), above = row, second = row;
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    second.swap(above);
    above.swap(row);
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({above[j] + 1, row[j - 1] + 1,
                         above[j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], second[j - 2] + 1);
      }
    }
  }
  return row.back();
}

}  // namespace

absl::string_view NearestOf(absl::string_view name,
                            absl::Span<const absl::string_view> names) {
  size_t fewest = name.size() / 3 + 2;
  absl::string_view nearest;
  for (absl::string_view other : names) {
    const size_t longer = std::max(name.size(), other.size());
    // No fewer edits than the lengths differ by.
    if (longer >= std::min(name.size(), other.size()) + fewest) continue;
    const size_t edits = Edits(name, other);
    if (edits < fewest && edits <= longer / 2) {
      fewest = edits;
      nearest = other;
    }
  }
  return nearest;
}

}  // namespace adjoint
