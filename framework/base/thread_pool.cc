#include "framework/base/thread_pool.h"

#include <algorithm>
#include <system_error>

namespace adjoint {

ThreadPool::ThreadPool(int workers, std::chrono::nanoseconds spin)
    : spin_(spin) {
  workers_.reserve(workers);
  try {
    for (int i = 0; i < workers; ++i) {
      workers_.emplace_back([this] { Work(); });
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

void ThreadPool::Run(int64_t n, absl::FunctionRef<void(int64_t)> fn) {
  Job job{n, fn};
  {
    std::lock_guard<std::mutex> lock(mutex_);
    job_ = &job;
    ++jobs_;
  }
  const int64_t wanted = std::min<int64_t>(n - 1, workers_.size());
  for (int64_t i = 0; i < wanted; ++i) wake_.notify_one();

  job.ClaimAndCall();

  // `job` lives on this stack: shut the door, then see everyone out.
  {
    std::lock_guard<std::mutex> lock(mutex_);
    job_ = nullptr;
  }
  const auto empty = [this] { return inside_ == 0; };
  if (Spin(empty)) return;
  std::unique_lock<std::mutex> lock(mutex_);
  done_.wait(lock, empty);
}

void ThreadPool::Job::ClaimAndCall() noexcept {
  for (int64_t i = next++; i < n; i = next++) fn(i);
}

void ThreadPool::Work() {
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
    job->ClaimAndCall();
    std::lock_guard<std::mutex> lock(mutex_);
    if (--inside_ == 0) done_.notify_one();
  }
}

bool ThreadPool::Spin(absl::FunctionRef<bool()> ready) const {
  if (ready()) return true;
  const auto deadline = std::chrono::steady_clock::now() + spin_;
  while (std::chrono::steady_clock::now() < deadline) {
    if (ready()) return true;
  }
  return false;
}

}  // namespace adjoint
