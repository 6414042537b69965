#include "framework/base/sharing_trials.h"

#include <algorithm>

namespace adjoint {
namespace {

// What the trials of a round are for; the others use what those found.
constexpr int64_t kShared = 0, kAlone = 1;

}  // namespace

bool SharingTrials::Shares(uint32_t kind, Clock::time_point now) {
  if (round_ == 0 || TrialAt(now) >= kTrialsInRound) {
    trial_ = round_ == 0 ? kFirstTrial
                         : std::min<Clock::duration>(2 * trial_, kLastTrial);
    begin_ = now;
    ++round_;
  }
  switch (TrialAt(now)) {
    case kShared:
      return true;
    case kAlone:
      return false;
    default: {
      const Kind& known = kinds_[kind % kKinds];
      return known.alone.jobs == 0 || known.shared.jobs == 0 ||
             known.shared.Mean() < known.alone.Mean();
    }
  }
}

void SharingTrials::Book(uint32_t kind, bool shared, Clock::time_point begin,
                         Clock::time_point end) {
  // In the first half of a trial much lies where the other way needs it.
  const int64_t trial = TrialAt(begin);
  const bool settled = TrialAt(begin + trial_ / 2) > trial;
  if (trial != (shared ? kShared : kAlone) || !settled) return;
  Kind& known = kinds_[kind % kKinds];
  Sample& sample = shared ? known.shared : known.alone;
  if (sample.round != round_) sample = {.round = round_};
  sample.time += end - begin;
  ++sample.jobs;
}

std::optional<SharingTrials::Clock::duration> SharingTrials::Alone(
    uint32_t kind) const {
  const Sample& alone = kinds_[kind % kKinds].alone;
  if (alone.jobs == 0) return std::nullopt;
  return alone.Mean();
}

}  // namespace adjoint
