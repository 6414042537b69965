// A line of fields, as wide as there is room.
#ifndef ADJOINT_FRAMEWORK_TRAIN_FIELDS_H_
#define ADJOINT_FRAMEWORK_TRAIN_FIELDS_H_

#include <string>
#include <vector>

#include "framework/train/display.h"

namespace adjoint::train {

enum class Style { kPlain, kDim, kBold, kGreen };

struct Field {
  std::string text;
  int rank = 0;  // The highest is the first to go.
  Style style = Style::kPlain;
};

// The texts, two spaces between; no colors and no end of line.
std::string JoinFields(const std::vector<Field>& fields);

// The same in less than the display's columns, so that the cursor stays on the
// line: whole fields are left out by rank (of equals the last first), and if
// one alone is too long, it is cut. With colors where the display has them.
std::string FitFields(std::vector<Field> fields, const Display& display);

}  // namespace adjoint::train

#endif  // ADJOINT_FRAMEWORK_TRAIN_FIELDS_H_
