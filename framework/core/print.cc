// Tensors as text, by the rules of numpy.array2string and its default options:
// write every shown element as short as reads back the same, at most eight
// digits after the point; give all of them one form and one width; break rows
// at 75 columns.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "framework/core/tensor.h"

namespace adjoint {
namespace {

constexpr int64_t kAllShown = 1000;  // Of more elements some are left out:
constexpr int64_t kEdge = 3;         // all but so many at each end of an axis.
constexpr int64_t kGap = -1;
constexpr absl::string_view kDots = "...";
constexpr size_t kLineWidth = 75;
constexpr size_t kPrecision = 8;

// Calls visit(i) for each index of `axis` that is shown, and visit(kGap) in
// place of those that are not.
template <class Visit>
void ForShown(const Shape& shape, int axis, Visit visit) {
  const int64_t extent = shape[axis];
  const bool elide = shape.size() > kAllShown && extent > 2 * kEdge;
  for (int64_t i = 0; i < extent; ++i) {
    if (elide && i == kEdge) {
      visit(kGap);
      i = extent - kEdge;
    }
    visit(i);
  }
}

// Appends the shown elements of the part of `data` that begins at `offset`,
// counted in steps of the axes before `axis`.
template <class T>
void Gather(const T* data, const Shape& shape, int axis, int64_t offset,
            std::vector<T>& shown) {
  if (axis == shape.rank()) return shown.push_back(data[offset]);
  ForShown(shape, axis, [&](int64_t i) {
    if (i == kGap) return;
    Gather(data, shape, axis + 1, offset * shape[axis] + i, shown);
  });
}

// The parts of "-1.25e+07"; the exponent is empty in fixed form.
struct Number {
  std::string whole, fraction, exponent;
};

Number Parse(absl::string_view text) {
  const std::pair<std::string, std::string> scaled = absl::StrSplit(text, 'e');
  const std::pair<std::string, std::string> digits =
      absl::StrSplit(scaled.first, '.');
  return {digits.first, digits.second, scaled.second};
}

// `value` with as many digits as std::to_chars takes `precision` to mean.
template <class T, class... Precision>
Number Digits(T value, std::chars_format form, Precision... precision) {
  char text[64];
  const std::to_chars_result end =
      std::to_chars(text, text + sizeof(text), value, form, precision...);
  return Parse({text, static_cast<size_t>(end.ptr - text)});
}

template <class T>
Number Shortest(T value, std::chars_format form) {
  Number number = Digits(value, form);
  if (number.fraction.size() > kPrecision) {
    number = Digits(value, form, static_cast<int>(kPrecision));
  }
  number.fraction.resize(number.fraction.find_last_not_of('0') + 1);
  return number;
}

// Scientific for large, small or widely spread values.
template <class T>
std::chars_format FormOf(const std::vector<T>& values) {
  T max = 0;
  T min = INFINITY;
  for (const T value : values) {
    if (!std::isfinite(value) || value == 0) continue;
    max = std::max(max, std::abs(value));
    min = std::min(min, std::abs(value));
  }
  return max >= 1e8 || min < 1e-4 || max / min > 1000
             ? std::chars_format::scientific
             : std::chars_format::fixed;
}

template <class T>
std::vector<std::string> Words(const std::vector<T>& values) {
  const std::chars_format form = FormOf(values);
  const bool fixed = form == std::chars_format::fixed;
  std::vector<Number> numbers(values.size());
  size_t fraction = 0;
  size_t exponent = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    if (!std::isfinite(values[i])) continue;
    numbers[i] = Shortest(values[i], form);
    fraction = std::max(fraction, numbers[i].fraction.size());
    exponent = std::max(exponent, numbers[i].exponent.size());
  }
  std::vector<std::string> words;
  for (size_t i = 0; i < values.size(); ++i) {
    if (std::isnan(values[i])) {
      words.push_back("nan");
    } else if (std::isinf(values[i])) {
      words.push_back(values[i] < 0 ? "-inf" : "inf");
    } else if (fixed) {
      numbers[i].fraction.resize(fraction, ' ');
      words.push_back(absl::StrCat(numbers[i].whole, ".", numbers[i].fraction));
    } else {
      Number n = Digits(values[i], form, static_cast<int>(fraction));
      n.exponent.insert(1, exponent - n.exponent.size(), '0');
      words.push_back(absl::StrCat(n.whole, ".", n.fraction, "e", n.exponent));
    }
  }
  return words;
}

std::vector<std::string> Words(const std::vector<int32_t>& values) {
  std::vector<std::string> words;
  for (const int32_t value : values) words.push_back(absl::StrCat(value));
  return words;
}

void AlignRight(std::vector<std::string>& words) {
  size_t width = 0;
  for (const std::string& word : words) width = std::max(width, word.size());
  for (std::string& word : words) word.insert(0, width - word.size(), ' ');
}

// Appends the words from `word` on, one for each shown element, in brackets.
void Arrange(const Shape& shape, int axis, const std::string*& word,
             std::string& out) {
  if (axis == shape.rank()) {
    out += *word++;
    return;
  }
  const std::string indent(axis + 1, ' ');
  const int inner_axes = shape.rank() - axis - 1;
  size_t column = indent.size();
  out += '[';
  ForShown(shape, axis, [&](int64_t i) {
    const size_t width = i == kGap ? kDots.size() : word->size();
    if (i == 0) {
      // The bracket is all that stands before.
    } else if (inner_axes > 0) {
      out.append(inner_axes, '\n').append(indent);
    } else if (column + 1 + width + shape.rank() > kLineWidth) {
      out.resize(out.find_last_not_of(' ') + 1);
      absl::StrAppend(&out, "\n", indent);
      column = indent.size();
    } else {
      out += ' ';
      ++column;
    }
    column += width;
    if (i == kGap) {
      absl::StrAppend(&out, kDots);
    } else {
      Arrange(shape, axis + 1, word, out);
    }
  });
  out += ']';
}

}  // namespace

std::string ToString(const Tensor& x) {
  std::string out = Signature(x);
  if (!x.defined()) return out;
  if (x.array()->is_ghost()) return out + " (not saved)";
  out += '\n';
  if (x.size() == 0) return out + "[]";
  std::vector<std::string> words = VisitDType(x.dtype(), [&x](auto zero) {
    using T = decltype(zero);
    std::vector<T> shown;
    Gather(x.data<T>().data(), x.shape(), 0, 0, shown);
    return Words(shown);
  });
  AlignRight(words);
  const std::string* word = words.data();
  Arrange(x.shape(), 0, word, out);
  return out;
}

std::ostream& operator<<(std::ostream& out, const Tensor& x) {
  return out << ToString(x);
}

}  // namespace adjoint
