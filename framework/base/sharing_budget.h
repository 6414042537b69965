// Whether to share a job with other threads, judged by what sharing gained.
//
// Sharing can lose time. To wake a sleeping thread takes several microseconds,
// and one whose processor another program has taken keeps everybody waiting for
// what it had begun. Nobody knows that beforehand, so what is lost, beyond what
// was gained and some credit, is made up for: for `patience` times as long,
// jobs run alone. Then sharing costs at most one part in `patience` of the
// time, however busy the machine is and however short the jobs are.
#ifndef ADJOINT_FRAMEWORK_BASE_SHARING_BUDGET_H_
#define ADJOINT_FRAMEWORK_BASE_SHARING_BUDGET_H_

#include <algorithm>
#include <chrono>

namespace adjoint {

// Not safe to share between threads.
class SharingBudget {
 public:
  using Clock = std::chrono::steady_clock;

  // Gains make up for a few times that a thread waits some milliseconds for a
  // processor, but not for a program that holds one from now on.
  static constexpr std::chrono::milliseconds kMaxGain{10};

  // The first shared jobs after others lose time, for what they need is in one
  // thread's cache; that is not to keep those from being shared that gain.
  static constexpr std::chrono::microseconds kMaxLoss{250};

  // With a patience of 0 sharing is always allowed.
  explicit SharingBudget(int patience) : patience_(patience) {}

  // Whether to share a job that begins at `now`.
  bool Allows(Clock::time_point now) const { return now >= alone_until_; }

  // A shared job ended at `now`, earlier by `gain` than it would have alone; a
  // negative gain is a loss.
  void Book(Clock::time_point now, Clock::duration gain) {
    gained_ = std::min<Clock::duration>(gained_ + gain, kMaxGain);
    if (gained_ >= -kMaxLoss) return;
    alone_until_ = now - patience_ * gained_;
    gained_ = Clock::duration::zero();
  }

 private:
  const int patience_;
  Clock::duration gained_{0};  // And not yet lost again.
  Clock::time_point alone_until_ = Clock::time_point::min();
};

}  // namespace adjoint

#endif  // ADJOINT_FRAMEWORK_BASE_SHARING_BUDGET_H_
