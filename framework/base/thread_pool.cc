#include "framework/base/thread_pool.h"

#include <algorithm>
#include <system_error>

namespace adjoint {
namespace {

using Clock = SharingPolicy::Clock;

}  // namespace

ThreadPool::ThreadPool(int workers, ThreadPoolOptions options)
    : options_(options), policy_(options.patience) {
  workers_.reserve(workers);
  try {
    for (int thread = 1; thread <= workers; ++thread) {
      workers_.emplace_back([this, thread] { Work(thread); });
    }
  } catch (const std::system_error&) {
    // A limit on threads: those that started do the work.
  }
}

ThreadPool::~ThreadPool() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    stop_ = true;
    ++jobs_;
  }
  wake_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

void ThreadPool::Run(int64_t n, uint32_t kind,
                     absl::FunctionRef<void(int64_t)> fn) {
  if (options_.patience == 0) return Share(n, fn);
  if (policy_.Shares(kind, Clock::now())) {
    Share(n, fn);
  } else {
    for (int64_t i = 0; i < n; ++i) fn(i);
  }
  policy_.End(Clock::now());
}

void ThreadPool::Share(int64_t n, absl::FunctionRef<void(int64_t)> fn) {
  Job job(n, static_cast<int>(workers_.size()) + 1, fn);
  {
    std::lock_guard<std::mutex> lock(mutex_);
    job_ = &job;
    ++jobs_;
  }
  const int64_t wanted = std::min<int64_t>(n - 1, workers_.size());
  for (int64_t i = 0; i < wanted; ++i) wake_.notify_one();
  job.ClaimAndCall(0);
  WaitForWorkers();
}

void ThreadPool::WaitForWorkers() {
  // The job lives on the stack of Run: shut the door, then see everyone out.
  {
    std::lock_guard<std::mutex> lock(mutex_);
    job_ = nullptr;
  }
  const auto empty = [this] { return inside_ == 0; };
  if (Spin(empty)) return;
  std::unique_lock<std::mutex> lock(mutex_);
  done_.wait(lock, empty);
}

ThreadPool::Job::Job(int64_t n, int threads, absl::FunctionRef<void(int64_t)> f)
    : fn(f), stretches(std::min(threads, kMaxStretches)) {
  for (int s = 0; s < stretches; ++s) {
    stretch[s].next = n * s / stretches;
    stretch[s].end = n * (s + 1) / stretches;
  }
}

void ThreadPool::Job::ClaimAndCall(int thread) noexcept {
  for (int s = 0; s < stretches; ++s) {
    Stretch& own = stretch[(thread + s) % stretches];
    // Looked at first: an increment would take the line from its owner.
    while (own.next < own.end) {
      const int64_t i = own.next++;
      if (i >= own.end) break;
      fn(i);
    }
  }
}

void ThreadPool::Work(int thread) {
  uint64_t seen = 0;
  const auto news = [this, &seen] { return jobs_ != seen; };
  for (;;) {
    Spin(news);
    Job* job;
    {
      std::unique_lock<std::mutex> lock(mutex_);
      wake_.wait(lock, news);
      if (stop_) return;
      seen = jobs_;
      job = job_;
      if (job == nullptr) continue;
      ++inside_;
    }
    job->ClaimAndCall(thread);
    std::lock_guard<std::mutex> lock(mutex_);
    if (--inside_ == 0) done_.notify_one();
  }
}

bool ThreadPool::Spin(absl::FunctionRef<bool()> ready) const {
  if (ready()) return true;
  const Clock::time_point deadline = Clock::now() + options_.spin;
  while (Clock::now() < deadline) {
    if (ready()) return true;
    // Polling must not keep the thread that is waited for from this processor.
    std::this_thread::yield();
  }
  return false;
}

}  // namespace adjoint
