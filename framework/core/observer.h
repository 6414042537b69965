// The one hook at the one choke point.
//
// Every op application, forward and backward, passes through Apply (op.h) and
// is reported to the thread's observer, if one is installed. Profiler, NaN
// tracer, FLOP counter and layer table are observers; the rest of the framework
// knows nothing of them.
#ifndef ADJOINT_FRAMEWORK_CORE_OBSERVER_H_
#define ADJOINT_FRAMEWORK_CORE_OBSERVER_H_

#include <chrono>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "framework/core/tensor.h"

namespace adjoint {

// One application of an op.
struct OpEvent {
  absl::string_view op;
  bool backward;  // Whether Grad made it, rather than the program.
  absl::Span<const Tensor* const> inputs;
  const Tensor& output;
  double flops;   // Additions and multiplications, by formula.
  int64_t bytes;  // Of inputs and output; 0 where the output is a view.
  std::chrono::steady_clock::time_point start;
  std::chrono::steady_clock::time_point end;
};

class Observer {
 public:
  virtual ~Observer() = default;

  // Called on the applying thread, after the op. Ops that it applies itself are
  // not reported.
  virtual void OnOp(const OpEvent& event) = 0;
};

// Reports this thread's ops to `observer` until the end of the scope, instead
// of the one that was told before.
class ObserverScope {
 public:
  explicit ObserverScope(Observer* observer);
  ~ObserverScope();
  ObserverScope(const ObserverScope&) = delete;
  ObserverScope& operator=(const ObserverScope&) = delete;

 private:
  Observer* const before_;
};

// This thread's observer, or null.
Observer* CurrentObserver();

// Marks the ops of a scope as made by Grad.
class BackwardScope {
 public:
  BackwardScope();
  ~BackwardScope();
  BackwardScope(const BackwardScope&) = delete;
  BackwardScope& operator=(const BackwardScope&) = delete;

  // From here on the ops are those of the rule of the node with this id. A
  // plain store, for Grad says it of each node.
  void set_node(uint64_t id) { node_ = id; }

 private:
  friend uint64_t NodeInBackward();

  BackwardScope* const outer_;
  uint64_t node_ = 0;
};

// Whether a BackwardScope is open on this thread.
bool InBackward();

// The id of the node whose rule is running in the innermost BackwardScope of
// this thread; 0 outside of one.
uint64_t NodeInBackward();

}  // namespace adjoint

#endif  // ADJOINT_FRAMEWORK_CORE_OBSERVER_H_
