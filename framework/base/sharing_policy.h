// Whether the next job is shared with other threads: what trials found best for
// its kind, as long as sharing on the whole loses no time.
#ifndef ADJOINT_FRAMEWORK_BASE_SHARING_POLICY_H_
#define ADJOINT_FRAMEWORK_BASE_SHARING_POLICY_H_

#include <chrono>
#include <cstdint>
#include <optional>

#include "framework/base/sharing_budget.h"
#include "framework/base/sharing_trials.h"

namespace adjoint {

// Not safe to share between threads.
class SharingPolicy {
 public:
  using Clock = std::chrono::steady_clock;

  // `patience` is that of the SharingBudget.
  explicit SharingPolicy(int patience) : budget_(patience) {}

  // Whether to share a job of this kind (SharingTrials) that begins at `now`.
  bool Shares(uint32_t kind, Clock::time_point now);

  // The job that Shares was last asked about ended at `now`.
  void End(Clock::time_point now) { last_->end = now; }

 private:
  struct Job {
    uint32_t kind;
    bool shared;
    bool could_share;  // As far as the budget goes.
    Clock::time_point begin, end;
  };

  // Books what the last job took, before the next begins at `now`.
  void BookLast(Clock::time_point now);

  SharingTrials trials_;
  SharingBudget budget_;
  std::optional<Job> last_;
};

}  // namespace adjoint

#endif  // ADJOINT_FRAMEWORK_BASE_SHARING_POLICY_H_
