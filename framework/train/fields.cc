#include "framework/train/fields.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/str_cat.h"
#include "framework/train/display_text.h"

namespace adjoint::train {
namespace {

// Select graphic rendition (ECMA-48).
const char* Code(Style style) {
  switch (style) {
    case Style::kDim:
      return "\033[2m";
    case Style::kBold:
      return "\033[1m";
    case Style::kGreen:
      return "\033[32m";
    case Style::kPlain:
      break;
  }
  return "";
}

}  // namespace

std::string JoinFields(const std::vector<Field>& fields) {
  std::string line;
  for (const Field& field : fields) {
    absl::StrAppend(&line, line.empty() ? "" : "  ", field.text);
  }
  return line;
}

std::string FitFields(std::vector<Field> fields, const Display& display) {
  const int room = std::max(display.columns() - 1, 1);
  while (fields.size() > 1 && DisplayColumns(JoinFields(fields)) > room) {
    const auto last = std::max_element(
        fields.rbegin(), fields.rend(),
        [](const Field& a, const Field& b) { return a.rank < b.rank; });
    fields.erase(std::next(last).base());
  }
  if (fields.size() == 1) fields[0].text = CutToColumns(fields[0].text, room);
  if (display.color) {
    for (Field& field : fields) {
      if (field.style == Style::kPlain) continue;
      field.text = absl::StrCat(Code(field.style), field.text, "\033[0m");
    }
  }
  return JoinFields(fields);
}

}  // namespace adjoint::train
