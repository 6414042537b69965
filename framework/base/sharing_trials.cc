#include "framework/base/sharing_trials.h"

#include <algorithm>

namespace adjoint {

bool SharingTrials::Shares(uint32_t kind, Clock::time_point now) {
  if (round_ == 0 || TrialAt(now) >= kTrialsInRound) {
    trial_ = round_ == 0 ? kFirstTrial
                         : std::min<Clock::duration>(2 * trial_, kLastTrial);
    begin_ = now;
    ++round_;
  }
  const int64_t trial = TrialAt(now);
  if (trial == kShared || trial == kAlone) return trial == kShared;
  const Kind& known = kinds_[kind % kKinds];
  if (known[kAlone].jobs == 0 || known[kShared].jobs == 0) return true;
  const Clock::duration shared = known[kShared].Mean();
  return shared < known[kAlone].Mean() ||
         (trial > kAmong && known[kAmong].round == round_ &&
          shared < known[kAmong].Mean());
}

void SharingTrials::Book(uint32_t kind, bool shared, Clock::time_point begin,
                         Clock::time_point end) {
  // In the first half of a trial much lies where the other way needs it.
  const int64_t trial = TrialAt(begin);
  const bool settled = TrialAt(begin + trial_ / 2) > trial;
  if (trial >= kTrials || shared != (trial == kShared) || !settled) return;
  Sample& sample = kinds_[kind % kKinds][trial];
  if (sample.round != round_) sample = {.round = round_};
  sample.time += end - begin;
  ++sample.jobs;
}

std::optional<SharingTrials::Clock::duration> SharingTrials::Alone(
    uint32_t kind) const {
  const Sample& alone = kinds_[kind % kKinds][kAlone];
  if (alone.jobs == 0) return std::nullopt;
  return alone.Mean();
}

}  // namespace adjoint
