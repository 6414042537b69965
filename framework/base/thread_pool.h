// The threads behind ParallelFor.
#ifndef ADJOINT_FRAMEWORK_BASE_THREAD_POOL_H_
#define ADJOINT_FRAMEWORK_BASE_THREAD_POOL_H_

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

#include "absl/functional/function_ref.h"
#include "framework/base/sharing_policy.h"

namespace adjoint {

struct ThreadPoolOptions {
  // How long a thread with nothing to do polls before it sleeps: a sleeping
  // thread takes many microseconds to wake up, a polling one takes a processor.
  std::chrono::nanoseconds spin{0};
  // Of the SharingPolicy. With 0 all jobs are shared, whether it pays or not.
  int patience = 0;
};

// Threads that wait for a job, share it with the thread that brings it, and
// wait again. No worker is needed for a job to end: one that wakes up too late
// finds nothing left and nobody waits for it. What a worker has begun is waited
// for; where that loses time, the next jobs are not shared.
class ThreadPool {
 public:
  // Starts `workers` threads, or fewer where the system refuses more.
  ThreadPool(int workers, ThreadPoolOptions options);
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  // Joins the workers. REQUIRES: no Run is running.
  ~ThreadPool();

  // Calls `fn(i)` once for each i in [0, n), at the same time on the calling
  // thread and on the workers, unless it pays to call them here one by one;
  // returns when all calls have returned. Each thread begins with a stretch of
  // [0, n) that is its own, the same for the same n, so that what it touches is
  // often in its own cache still; then it helps the others. What pays is found
  // out for each `kind` of job (SharingPolicy).
  //
  // REQUIRES: `fn` does not throw; no other Run of this pool is running.
  void Run(int64_t n, uint32_t kind, absl::FunctionRef<void(int64_t i)> fn);

 private:
  // A stretch of the indices, in a cache line of its own.
  struct alignas(64) Stretch {
    std::atomic<int64_t> next;  // The first index that nobody has claimed.
    int64_t end;
  };
  static constexpr int kMaxStretches = 16;

  struct Job {
    const absl::FunctionRef<void(int64_t)> fn;
    const int stretches;
    std::array<Stretch, kMaxStretches> stretch;

    Job(int64_t n, int threads, absl::FunctionRef<void(int64_t)> f);

    // Calls what nobody has claimed, beginning with the stretch of `thread`.
    void ClaimAndCall(int thread) noexcept;
  };

  // A Run on all threads.
  void Share(int64_t n, absl::FunctionRef<void(int64_t)> fn);

  // What worker `thread` does; 0 is the thread that brings the jobs.
  void Work(int thread);

  // Returns when no worker has the job any more.
  void WaitForWorkers();

  // Polls `ready` for the time `options_.spin`; returns what it said last.
  bool Spin(absl::FunctionRef<bool()> ready) const;

  const ThreadPoolOptions options_;
  SharingPolicy policy_;  // Of whoever calls Run.

  std::mutex mutex_;
  std::condition_variable wake_;  // A new job, or the end.
  std::condition_variable done_;  // The last worker has left the job.

  // Written with mutex_ held. The atomic ones are also polled without it.
  Job* job_ = nullptr;  // Null while there is none that one could still join.
  std::atomic<uint64_t> jobs_{0};  // How many there were; the end counts too.
  std::atomic<int> inside_{0};     // Workers that hold a pointer to a job.
  bool stop_ = false;

  std::vector<std::thread> workers_;
};

}  // namespace adjoint

#endif  // ADJOINT_FRAMEWORK_BASE_THREAD_POOL_H_
