// Prints all models, one a line.

#include <algorithm>
#include <vector>

#include "absl/strings/str_format.h"
#include "framework/adjoint.h"

int main() {
  const std::vector<adjoint::train::Program> programs =
      adjoint::train::ListedPrograms();
  int width = 0;
  for (const adjoint::train::Program& p : programs) {
    width = std::max(width, static_cast<int>(p.name.size()));
  }
  for (const adjoint::train::Program& p : programs) {
    absl::PrintF("%-*s  %s\n", width, p.name, p.doc);
  }
}
