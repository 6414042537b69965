// How long a run takes, over all the calls that it is made of.
#ifndef ADJOINT_FRAMEWORK_TRAIN_RUN_CLOCK_H_
#define ADJOINT_FRAMEWORK_TRAIN_RUN_CLOCK_H_

#include <chrono>

namespace adjoint::train {

// Begins when it is made. All in seconds.
class RunClock {
 public:
  // So long was spent on the run before.
  explicit RunClock(double before) : before_(before) {}

  // This call begins with an epoch on which so long was spent before.
  void BeginEpoch(double before) {
    epoch_before_ = before;
    epoch_start_ = Clock::now();
  }

  double epoch() const { return epoch_before_ + Since(epoch_start_); }
  double total() const { return before_ + Since(start_); }

 private:
  using Clock = std::chrono::steady_clock;

  static double Since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
  }

  const double before_;
  const Clock::time_point start_ = Clock::now();
  double epoch_before_ = 0;
  Clock::time_point epoch_start_ = start_;
};

}  // namespace adjoint::train

#endif  // ADJOINT_FRAMEWORK_TRAIN_RUN_CLOCK_H_
