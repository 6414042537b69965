// A timeline of ops, modules and phases for chrome://tracing and Perfetto.
#ifndef ADJOINT_FRAMEWORK_INSPECT_TRACE_H_
#define ADJOINT_FRAMEWORK_INSPECT_TRACE_H_

#include <chrono>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "framework/core/observer.h"

namespace adjoint::inspect {

// Collects what one thread did, up to a number of events, and writes it in the
// Trace Event Format (Google 2016): one "X" event a slice. Slices nest by time:
// phases hold modules, modules hold the modules below them and their ops.
class Trace {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // Of ops and phases together; what comes later is counted and left out. An
  // event takes 72 bytes, and each signature is kept once.
  explicit Trace(int64_t max_events) : max_events_(max_events) {}
  // Its events point into it.
  Trace(const Trace&) = delete;
  Trace& operator=(const Trace&) = delete;

  // `module`, a dotted path, must outlive the trace.
  void AddOp(const OpEvent& event, const std::string* module);
  void AddPhase(absl::string_view name, Time start, Time end);

  // {"traceEvents": [...], ...}. Times are microseconds since the first slice.
  // REQUIRES: names are UTF-8.
  std::string ToJson() const;

  int64_t left_out() const { return left_out_; }

 private:
  struct Op {
    absl::string_view name;     // The op's own.
    const std::string* module;  // Null for a phase.
    const std::string* signature;
    double flops;
    int64_t bytes;
    Time start, end;
    bool backward;
  };
  struct Slice;

  bool HasRoom();
  // The slices of modules and ops, then of phases, in no order.
  std::vector<Slice> Slices() const;

  const int64_t max_events_;
  int64_t left_out_ = 0;
  std::vector<Op> ops_, phases_;
  std::set<std::string> strings_;
};

}  // namespace adjoint::inspect

#endif  // ADJOINT_FRAMEWORK_INSPECT_TRACE_H_
