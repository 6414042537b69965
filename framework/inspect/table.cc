#include "framework/inspect/table.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace adjoint::inspect {

namespace {

// Of the widest cell of each column.
std::vector<size_t> Widths(const std::vector<TableRow>& rows) {
  std::vector<size_t> widths;
  for (const TableRow& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], row[i].size());
    }
  }
  return widths;
}

// Where each column begins, and one behind the last: the first behind a blank,
// the others behind `gap`.
std::vector<size_t> Edges(const std::vector<size_t>& widths, size_t gap) {
  std::vector<size_t> edges = {1};
  for (size_t width : widths) edges.push_back(edges.back() + width + gap);
  return edges;
}

// Of the widest word in column `i`.
size_t WordWidth(const std::vector<TableRow>& rows, size_t i) {
  size_t width = 0;
  for (const TableRow& row : rows) {
    if (i >= row.size()) continue;
    for (absl::string_view word : absl::StrSplit(row[i], ' ')) {
      width = std::max(width, word.size());
    }
  }
  return width;
}

// Lines to which text is added at columns.
class Lines {
 public:
  // Between two texts of a line there are at least `gap` blanks.
  Lines(size_t width, size_t gap) : width_(width), gap_(gap) {}

  // Puts `text` at column `edge`, of the next line if this one is there
  // already.
  void PutAt(size_t edge, absl::string_view text) {
    if (line_.size() + gap_ > edge) Break();
    line_.resize(edge, ' ');
    absl::StrAppend(&line_, text);
  }

  // Puts the first word of `text` at column `edge` and the others behind it,
  // on further lines where they do not fit.
  void PutWordsAt(size_t edge, absl::string_view text) {
    bool first = true;
    for (absl::string_view word : absl::StrSplit(text, ' ')) {
      const bool fits = line_.size() + 1 + word.size() <= width_;
      if (!first && fits) {
        absl::StrAppend(&line_, " ", word);
        continue;
      }
      if (!first) Break();
      PutAt(edge, word);
      first = false;
    }
  }

  void Break() {
    if (!line_.empty()) absl::StrAppend(&text_, line_, "\n");
    line_.clear();
  }
  const std::string& text() const { return text_; }

 private:
  const size_t width_, gap_;
  std::string text_, line_;
};

// At most three digits and what is behind them: 848.5 as "848", 25.69 as
// "25.7".
std::string ThreeDigits(double n) {
  return absl::StrFormat("%.*f", n < 9.995 ? 2 : n < 99.95 ? 1 : 0, n);
}

// `n` in the largest of `units` that leaves 1 or more of it, each `base` times
// the one before.
std::string InUnits(double n, double base,
                    absl::Span<const absl::string_view> units) {
  if (n < 999.5) return absl::StrFormat("%.0f%s", n, units[0]);
  size_t i = 0;
  while (n >= 999.5 && i + 1 < units.size()) {
    n /= base;
    ++i;
  }
  return absl::StrCat(ThreeDigits(n), units[i]);
}

}  // namespace

std::string Table(const std::vector<TableRow>& rows,
                  const TableOptions& options) {
  std::vector<size_t> widths = Widths(rows);
  const size_t last = widths.size() - 1;
  if (Edges(widths, 2)[last] + widths[last] > options.width) {
    // Where all do not fit, names leave room for the last column.
    for (size_t i = options.figures; i < last; ++i) {
      widths[i] = std::min(widths[i], options.width / 5);
    }
  }
  const size_t word = WordWidth(rows, last);
  const bool closer = options.figures == last &&
                      Edges(widths, 2)[last] + word > options.width &&
                      Edges(widths, 1)[last] + word <= options.width;
  const size_t gap = closer ? 1 : 2;
  const std::vector<size_t> edges = Edges(widths, gap);
  Lines lines(options.width, gap);
  for (const TableRow& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) {
      if (row[i].empty()) continue;
      const size_t blanks = widths[i] - std::min(widths[i], row[i].size());
      if (i < options.figures) {
        lines.PutAt(edges[i] + blanks, row[i]);
      } else if (i < last) {
        lines.PutAt(edges[i], row[i]);
      } else {
        lines.PutWordsAt(edges[i], row[i]);
      }
    }
    lines.Break();
  }
  return lines.text();
}

std::string Bytes(int64_t bytes) {
  if (bytes == 0) return "";
  if (bytes < 1024) return absl::StrCat(bytes, " B");
  const double n = static_cast<double>(bytes);
  if (n < 1 << 20) return absl::StrFormat("%.1f KiB", n / (1 << 10));
  if (n < 1 << 30) return absl::StrFormat("%.2f MiB", n / (1 << 20));
  return absl::StrFormat("%.2f GiB", n / (1 << 30));
}

std::string Duration(double seconds) {
  if (seconds < 0.0501e-6) return "";  // 50 ns may be a little less.
  if (seconds < 1e-3) return absl::StrFormat("%.1f us", seconds * 1e6);
  if (seconds < 1) return absl::StrFormat("%.2f ms", seconds * 1e3);
  return absl::StrFormat("%.2f s", seconds);
}

std::string Percentage(double fraction) {
  return fraction < 5e-4 ? "" : absl::StrFormat("%.1f %%", 100 * fraction);
}

std::string ShortBytes(int64_t bytes) {
  if (bytes == 0) return "";
  return InUnits(static_cast<double>(bytes), 1024, {"B", "K", "M", "G", "T"});
}

std::string ShortCount(double n) {
  return n == 0 ? "" : InUnits(n, 1000, {"", "k", "M", "G", "T", "P"});
}

std::string ShortDuration(double seconds) {
  if (seconds < 0.0501e-6) return "";
  const double us = seconds * 1e6;
  if (us < 9.95) return absl::StrFormat("%.1fus", us);
  return us < 999.5 ? absl::StrFormat("%.0fus", us)
                    : InUnits(us, 1000, {"us", "ms", "s"});
}

}  // namespace adjoint::inspect
