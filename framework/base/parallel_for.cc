#include "framework/base/parallel_for.h"

#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>
#include <utility>

#include "framework/base/error.h"
#include "framework/base/thread_pool.h"

namespace adjoint {
namespace {

// With this patience sharing loses at most 2.5 % of the time, beside what
// trials do; a thread polls for so long that it is awake for the next job of a
// step.
constexpr int kPatience = 40;
constexpr std::chrono::microseconds kSpin(200);

int Processors() {
  static const int count = [] {
#ifdef __linux__
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof(set), &set) == 0) return CPU_COUNT(&set);
#endif
    return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  }();
  return count;
}

// The last SetNumThreads; 0 stands for Processors().
std::atomic<int> chosen_threads{0};

// True while one ParallelFor has the pool. Whoever finds it true works alone: a
// call from inside that one's `fn` as well as one from another thread.
std::atomic<bool> busy{false};

// Whether this thread has a SerialScope.
thread_local bool serial = false;

// Null until first used. Never destroyed, so that the destructors of static
// objects may still call ParallelFor.
ThreadPool* pool = nullptr;

// A forked child has a copy of the pool but none of its threads: it can neither
// use nor join them.
void ForgetPool() {
  pool = nullptr;
  chosen_threads = 1;
  busy = false;
}

// REQUIRES: busy was set by this thread.
void StartPool() {
  const int threads = NumThreads();
  // More threads than processors neither poll nor are spared: they are for
  // tests.
  pool = new ThreadPool(
      threads - 1, threads <= Processors()
                       ? ThreadPoolOptions{.spin = kSpin, .patience = kPatience}
                       : ThreadPoolOptions{});
  static const int registered = pthread_atfork(nullptr, nullptr, ForgetPool);
  ADJOINT_CHECK(registered == 0);
}

// Calls with the same n and grain most likely come from one place.
uint32_t Kind(int64_t n, int64_t grain) {
  const uint64_t both = static_cast<uint64_t>(n) * 31 + grain;
  return static_cast<uint32_t>(both * 0x9E3779B97F4A7C15 >> 32);
}

}  // namespace

void ParallelFor(int64_t n, int64_t grain,
                 absl::FunctionRef<void(int64_t begin, int64_t end)> fn) {
  ADJOINT_CHECK(n >= 0 && grain >= 1);
  const int64_t chunks = NumChunks(n, grain);
  const auto call = [n, grain, fn](int64_t chunk) noexcept {
    const int64_t begin = chunk * grain;
    fn(begin, begin + std::min(grain, n - begin));
  };
  if (chunks > 1 && NumThreads() > 1 && !serial && !busy &&
      !busy.exchange(true)) {
    if (pool == nullptr) StartPool();
    pool->Run(chunks, Kind(n, grain), call);
    busy = false;
  } else {
    for (int64_t chunk = 0; chunk < chunks; ++chunk) call(chunk);
  }
}

SerialScope::SerialScope() : before_(std::exchange(serial, true)) {}
SerialScope::~SerialScope() { serial = before_; }

void SetNumThreads(int n) {
  ADJOINT_CHECK(!busy.exchange(true));
  delete std::exchange(pool, nullptr);
  chosen_threads = std::max(n, 0);
  busy = false;
}

int NumThreads() {
  const int chosen = chosen_threads;
  return chosen > 0 ? chosen : Processors();
}

}  // namespace adjoint
