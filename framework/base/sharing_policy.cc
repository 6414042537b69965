#include "framework/base/sharing_policy.h"

#include <algorithm>

namespace adjoint {

bool SharingPolicy::Shares(uint32_t kind, Clock::time_point now) {
  if (last_) BookLast(now);
  const bool could_share = budget_.Allows(now);
  const bool shared = trials_.Shares(kind, now) && could_share;
  last_ = {kind, shared, could_share, now, now};
  return shared;
}

void SharingPolicy::BookLast(Clock::time_point now) {
  // What this thread does until the next job counts too: it may have to fetch
  // what the job left in another's cache. What takes long is something else.
  const Clock::duration own = last_->end - last_->begin;
  const Clock::duration took =
      own + std::min<Clock::duration>(now - last_->end, 4 * own);
  trials_.Book(last_->kind, last_->shared, last_->begin, last_->begin + took);
  // A job that runs alone among shared ones may pay for them: what it reads is
  // elsewhere. So it counts as well.
  const auto alone = trials_.Alone(last_->kind);
  if (last_->could_share && alone) budget_.Book(now, *alone - took);
}

}  // namespace adjoint
