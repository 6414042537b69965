// Which jobs to share with other threads, found out by trial.
//
// Sharing can lose time: a thread has to be woken, what one has written moves
// to the other's cache, another program may hold the processor. How much that
// is depends on the machine, on the job and on the jobs around it, so both ways
// are tried: for a while all jobs are shared, then for as long all run alone,
// and for the rest of the round each kind of job goes the way that took less
// time. A job that then runs alone among shared ones may have to fetch what
// those left in other caches, so at first that is a trial, too: if it takes
// longer than shared, it is shared for the rest. The first round is short; each
// later one is twice as long, up to some seconds. So trials take a twentieth of
// the time, at any scale of it.
#ifndef ADJOINT_FRAMEWORK_BASE_SHARING_TRIALS_H_
#define ADJOINT_FRAMEWORK_BASE_SHARING_TRIALS_H_

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>

namespace adjoint {

// Not safe to share between threads.
class SharingTrials {
 public:
  using Clock = std::chrono::steady_clock;

  // A round: `trial` shared, `trial` alone, `trial` of those that took less
  // time alone among the others, then the better way.
  static constexpr std::chrono::milliseconds kFirstTrial{2};
  static constexpr std::chrono::milliseconds kLastTrial{64};
  static constexpr int kTrialsInRound = 40;

  // Jobs of one kind take about equally long. Two kinds whose numbers are equal
  // modulo kKinds are taken for one.
  static constexpr uint32_t kKinds = 256;

  // Whether to share a job of this kind that begins at `now`. The first one of
  // all is shared, and so is a kind of which too little is known.
  bool Shares(uint32_t kind, Clock::time_point now);

  // A job ran from `begin`, when Shares was asked, to `end`. REQUIRES: Shares
  // was not asked since.
  void Book(uint32_t kind, bool shared, Clock::time_point begin,
            Clock::time_point end);

  // How long a job of this kind takes alone where all do, to what Book calls
  // its end, if that is known.
  std::optional<Clock::duration> Alone(uint32_t kind) const;

 private:
  // What the first trials of a round are for; the others use what those found.
  enum Trial { kShared, kAlone, kAmong, kTrials };

  // The time of some jobs of one kind in one trial.
  struct Sample {
    int64_t round = 0;
    int64_t jobs = 0;
    Clock::duration time{0};

    Clock::duration Mean() const { return time / jobs; }
  };
  using Kind = std::array<Sample, kTrials>;

  // The trial that time belongs to, counted from the beginning of the round.
  int64_t TrialAt(Clock::time_point now) const {
    return (now - begin_) / trial_;
  }

  int64_t round_ = 0;  // 0 before the first.
  Clock::time_point begin_;
  Clock::duration trial_{0};
  std::array<Kind, kKinds> kinds_;
};

}  // namespace adjoint

#endif  // ADJOINT_FRAMEWORK_BASE_SHARING_TRIALS_H_
