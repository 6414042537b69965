#include "framework/data/gather_ahead.h"

#include <condition_variable>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include "framework/base/error.h"
#include "framework/base/parallel_for.h"

namespace adjoint::data {

class GatherThread {
 public:
  // Never destroyed, so that it can wait for work until the process ends.
  static GatherThread& Get() {
    static auto* const thread = new GatherThread;
    return *thread;
  }

  void Enqueue(GatherAhead& work) {
    {
      std::lock_guard lock(mutex_);
      work.state_ = GatherAhead::State::kQueued;
      work.next_ = nullptr;
      GatherAhead** end = &first_;
      while (*end != nullptr) end = &(*end)->next_;
      *end = &work;
    }
    wake_.notify_one();
  }

  bool TakeBack(GatherAhead& work) {
    std::unique_lock lock(mutex_);
    const bool queued = work.state_ == GatherAhead::State::kQueued;
    if (queued) {
      GatherAhead** at = &first_;
      while (*at != &work) at = &(*at)->next_;
      *at = work.next_;
    } else {
      done_.wait(lock,
                 [&] { return work.state_ == GatherAhead::State::kDone; });
    }
    work.state_ = GatherAhead::State::kIdle;
    return queued;
  }

 private:
  GatherThread() {
    try {
      std::thread([this] { Run(); }).detach();
    } catch (const std::system_error&) {
      // A limit on threads: each offer is taken back.
    }
  }

  void Run() {
    const SerialScope serial;
    std::unique_lock lock(mutex_);
    while (true) {
      wake_.wait(lock, [&] { return first_ != nullptr; });
      GatherAhead& work = *first_;
      first_ = work.next_;
      work.state_ = GatherAhead::State::kRunning;
      lock.unlock();
      work.Run();
      lock.lock();
      work.state_ = GatherAhead::State::kDone;
      done_.notify_all();
    }
  }

  std::mutex mutex_;
  std::condition_variable wake_;  // The queue is no longer empty.
  std::condition_variable done_;  // Some work is done.
  GatherAhead* first_ = nullptr;  // The queue, linked by next_.
};

GatherAhead::~GatherAhead() {
  if (offered_) TakeBack();
}

void GatherAhead::Offer(const Dataset& dataset, absl::Span<const int64_t> rows,
                        int64_t epoch, Batch spent) {
  ADJOINT_CHECK(!offered_);
  dataset_ = &dataset;
  rows_ = rows;
  epoch_ = epoch;
  batch_ = std::move(spent);
  offered_ = true;
  GatherThread::Get().Enqueue(*this);
}

Batch GatherAhead::Take() {
  ADJOINT_CHECK(offered_);
  if (TakeBack()) Run();
  return Result();
}

Batch GatherAhead::Gather(const Dataset& dataset,
                          absl::Span<const int64_t> rows, int64_t epoch,
                          Batch spent) {
  ADJOINT_CHECK(!offered_);
  dataset_ = &dataset;
  rows_ = rows;
  epoch_ = epoch;
  batch_ = std::move(spent);
  Run();
  return Result();
}

Batch GatherAhead::Result() {
  if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
  return std::exchange(batch_, {});
}

bool GatherAhead::TakeBack() {
  offered_ = false;
  return GatherThread::Get().TakeBack(*this);
}

void GatherAhead::Run() noexcept {
  const auto start = std::chrono::steady_clock::now();
  try {
    batch_ = dataset_->Refill(std::exchange(batch_, {}), rows_, epoch_);
  } catch (...) {
    error_ = std::current_exception();
  }
  duration_ = std::chrono::steady_clock::now() - start;
}

}  // namespace adjoint::data
