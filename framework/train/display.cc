#include "framework/train/display.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace adjoint::train {
namespace {

bool IsUtf8(const Variables& variable) {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const std::string locale = absl::AsciiStrToLower(variable(name));
    if (locale.empty()) continue;
    return absl::StrContains(locale, "utf-8") ||
           absl::StrContains(locale, "utf8");
  }
  return false;
}

// 80 where there is no terminal.
int TerminalColumns(int descriptor) {
  winsize size = {};
  // Serial lines and some editors' terminals tell no width.
  const bool known = ioctl(descriptor, TIOCGWINSZ, &size) == 0;
  return known && size.ws_col > 0 ? static_cast<int>(size.ws_col) : 80;
}

}  // namespace

Display DetectDisplay(const DisplayQuery& query) {
  const std::string term = query.variable("TERM");
  Display display;
  display.live = query.is_terminal && query.variable("CI").empty() &&
                 !term.empty() && term != "dumb";
  display.color = display.live && query.variable("NO_COLOR").empty();
  display.utf8 = IsUtf8(query.variable);
  return display;
}

int TableColumns() {
  return std::clamp(TerminalColumns(STDOUT_FILENO), 60, 100);
}

Display StderrDisplay() {
  Display display =
      DetectDisplay({.is_terminal = isatty(STDERR_FILENO) == 1,
                     .variable = [](const std::string& name) {
                       const char* value = std::getenv(name.c_str());
                       return std::string(value == nullptr ? "" : value);
                     }});
  display.columns = [] { return TerminalColumns(STDERR_FILENO); };
  return display;
}

}  // namespace adjoint::train
