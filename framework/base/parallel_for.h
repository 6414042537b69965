// The one way to use more than one thread.
//
// Work is cut into chunks that depend on the amount of work and on `grain`,
// never on the number of threads; which thread runs which chunk does not
// matter. A kernel that sums keeps one partial sum a chunk and adds them in the
// order of the chunks. So every result is bitwise equal for any number of
// threads.
#ifndef ADJOINT_FRAMEWORK_BASE_PARALLEL_FOR_H_
#define ADJOINT_FRAMEWORK_BASE_PARALLEL_FOR_H_

#include <cstdint>

#include "absl/functional/function_ref.h"

namespace adjoint {

// Calls `fn(begin, end)` once for each chunk of [0, n): chunk i is
// [i * grain, min((i + 1) * grain, n)). Returns when all have run. Calls may
// run at the same time on different threads, in any order. Safe to call from
// any thread at any time; a call from inside the `fn` of one that shares its
// chunks among threads, or while another thread's does, runs on the calling
// thread alone.
//
// REQUIRES: n >= 0, grain >= 1; `fn` does not throw (the process would end).
void ParallelFor(int64_t n, int64_t grain,
                 absl::FunctionRef<void(int64_t begin, int64_t end)> fn);

// While one lives, each ParallelFor that its thread calls runs on that thread
// alone: for work in the background, which must not take the pool from the
// thread that it works for.
class SerialScope {
 public:
  SerialScope();
  ~SerialScope();
  SerialScope(const SerialScope&) = delete;
  SerialScope& operator=(const SerialScope&) = delete;

 private:
  bool before_;
};

// How many chunks ParallelFor(n, grain, ...) makes.
constexpr int64_t NumChunks(int64_t n, int64_t grain) {
  return n / grain + (n % grain != 0);
}

// The number of threads that share the work, the calling one included. At
// first the number of processors that the process may run on; setting it to
// less than 1 restores that. A forked child of a process that has shared work
// begins with 1. Results never depend on it.
//
// REQUIRES: no ParallelFor is running.
void SetNumThreads(int n);
int NumThreads();

}  // namespace adjoint

#endif  // ADJOINT_FRAMEWORK_BASE_PARALLEL_FOR_H_
