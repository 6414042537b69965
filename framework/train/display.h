// What the terminal that a program writes to can show.
#ifndef ADJOINT_FRAMEWORK_TRAIN_DISPLAY_H_
#define ADJOINT_FRAMEWORK_TRAIN_DISPLAY_H_

#include <functional>
#include <string>

namespace adjoint::train {

struct Display {
  bool live = false;   // Whether a line may be drawn over.
  bool color = false;  // Dim, bold and green; never without `live`.
  bool utf8 = false;
  // Its width now; asked at each drawing, so that a resized window is filled.
  std::function<int()> columns = [] { return 80; };
};

// The value of an environment variable; "" if it is not set.
using Variables = std::function<std::string(const std::string& name)>;

// Live on a terminal, unless CI is set or TERM is empty or "dumb". Colors where
// it is live and NO_COLOR is empty (no-color.org). UTF-8 if the first that is
// set of LC_ALL, LC_CTYPE and LANG says so.
struct DisplayQuery {
  bool is_terminal = false;
  Variables variable;
};
Display DetectDisplay(const DisplayQuery& query);

// How wide a table on stdout may be: as wide as the terminal behind it, but at
// least 60 columns and at most 100; 80 where there is none.
int TableColumns();

// The display behind stderr in this process's environment.
Display StderrDisplay();

}  // namespace adjoint::train

#endif  // ADJOINT_FRAMEWORK_TRAIN_DISPLAY_H_
