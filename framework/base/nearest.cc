#include "framework/base/nearest.h"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace adjoint {
namespace {

// The edits from one to the other, by the table of Wagner and Fischer (1974),
// of which only the current row is kept.
size_t Edits(absl::string_view a, absl::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t substitute = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substitute});
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
    // No fewer edits than the lengths differ by.
    if (std::max(name.size(), other.size()) >=
        std::min(name.size(), other.size()) + fewest) {
      continue;
    }
    const size_t edits = Edits(name, other);
    if (edits < fewest) {
      fewest = edits;
      nearest = other;
    }
  }
  return nearest;
}

}  // namespace adjoint
