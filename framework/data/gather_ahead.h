// A batch that another thread gathers while the caller does something else.
//
// There is one such thread in a process, started when first needed. It takes
// offers in their order; whoever needs a batch that it has not begun takes the
// offer back and gathers it himself, so nobody waits for the batch of another,
// nor, in a forked child or where the system refuses one, for a thread that is
// not there.
#ifndef ADJOINT_FRAMEWORK_DATA_GATHER_AHEAD_H_
#define ADJOINT_FRAMEWORK_DATA_GATHER_AHEAD_H_

#include <chrono>
#include <cstdint>
#include <exception>

#include "absl/types/span.h"
#include "framework/data/dataset.h"

namespace adjoint::data {

// Not safe to share between threads. Each offer allocates nothing itself.
class GatherAhead {
 public:
  GatherAhead() = default;
  GatherAhead(const GatherAhead&) = delete;
  GatherAhead& operator=(const GatherAhead&) = delete;

  // Takes back an offer, or waits until the thread is done with it.
  ~GatherAhead();

  // Offers dataset.Refill(spent, rows, epoch) to the thread.
  // REQUIRES: nothing is offered; `dataset` and `rows` outlive Take.
  void Offer(const Dataset& dataset, absl::Span<const int64_t> rows,
             int64_t epoch, Batch spent = {});

  bool offered() const { return offered_; }

  // The batch that was offered; throws what gathering it threw.
  // REQUIRES: one was.
  Batch Take();

  // dataset.Refill(spent, rows, epoch) on this thread.
  // REQUIRES: nothing is offered.
  Batch Gather(const Dataset& dataset, absl::Span<const int64_t> rows,
               int64_t epoch, Batch spent = {});

  // How long the last batch took to gather, on whichever thread.
  std::chrono::nanoseconds duration() const { return duration_; }

 private:
  friend class GatherThread;
  enum class State { kIdle, kQueued, kRunning, kDone };

  // From batch_, the spent one, makes the new one, or error_; and duration_.
  void Run() noexcept;

  // batch_, or throws error_.
  Batch Result();

  // Whether it was queued and no longer is; if not, nobody works on it now.
  bool TakeBack();

  const Dataset* dataset_ = nullptr;
  absl::Span<const int64_t> rows_;
  int64_t epoch_ = 0;
  bool offered_ = false;

  State state_ = State::kIdle;   // Guarded by the thread's mutex, as is
  GatherAhead* next_ = nullptr;  // the next in its queue.
  Batch batch_;                  // These three by state_.
  std::exception_ptr error_;
  std::chrono::nanoseconds duration_{0};
};

}  // namespace adjoint::data

#endif  // ADJOINT_FRAMEWORK_DATA_GATHER_AHEAD_H_
