// Ctrl-C: once to end well, twice to end now.
#ifndef ADJOINT_FRAMEWORK_TRAIN_INTERRUPT_H_
#define ADJOINT_FRAMEWORK_TRAIN_INTERRUPT_H_

#include <signal.h>

#include <array>

namespace adjoint::train {

struct InterruptOptions {
  // Whether stderr has a live line, which is cleared before anything is said.
  bool live = false;
};

// While it lives, the first SIGINT, SIGTERM or SIGHUP (the terminal is gone)
// only sets a flag and says so on stderr; the next one ends the process at
// once, with 128 + its number. Files are written beside their names and
// renamed, so nothing on disk is torn by that. A signal that was ignored before
// (nohup) stays ignored.
//
// At most one lives at a time.
class Interrupt {
 public:
  explicit Interrupt(const InterruptOptions& options = {});
  ~Interrupt();  // Restores the handlers from before.

  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  // Whether a signal came. One atomic load.
  bool requested() const { return exit_code() != 0; }

  // 130 after SIGINT, 143 after SIGTERM, 129 after SIGHUP; 0 if none came.
  int exit_code() const;

 private:
  std::array<struct sigaction, 3> old_;
};

}  // namespace adjoint::train

#endif  // ADJOINT_FRAMEWORK_TRAIN_INTERRUPT_H_
