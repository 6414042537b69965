// Where the time of a training goes.
//
//   Profiler profiler;
//   {
//     const ObserverScope observe(&profiler);
//     for (...) {
//       Tensor loss = [&] {
//         const Profiler::Phase phase(&profiler, "forward");
//         return LossOf(model(x));
//       }();
//       ...
//     }
//   }
//   std::cout << profiler.ToString();
//   std::ofstream("trace.json") << profiler.TraceJson();  // ui.perfetto.dev
#ifndef ADJOINT_FRAMEWORK_INSPECT_PROFILER_H_
#define ADJOINT_FRAMEWORK_INSPECT_PROFILER_H_

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "framework/core/observer.h"
#include "framework/inspect/module_paths.h"
#include "framework/inspect/trace.h"

namespace adjoint::inspect {

// What some ops took together.
struct Work {
  int64_t calls = 0;
  double seconds = 0;
  double flops = 0;
  int64_t bytes = 0;  // Of inputs and outputs.

  Work& operator+=(const Work& other);
};

// An op by its name or a module by its path, and its ops in either direction.
struct ProfileRow {
  std::string name;
  Work forward, backward;

  Work Total() const;
};

// A part of the program's time, as it was marked.
struct PhaseRow {
  std::string name;
  int64_t times = 0;
  double seconds = 0;
  double op_seconds = 0;  // Of these, in ops.
};

struct ProfilerOptions {
  // The trace has so many ops and phases, the first ones; sums have all.
  int64_t max_trace_events = 200'000;
};

// Sums up time, arithmetic and traffic of the ops of its scope, by op and by
// module, and keeps a trace of the first ones. It is told of one thread.
class Profiler final : public Observer {
 public:
  using Time = Trace::Time;

  explicit Profiler(const ProfilerOptions& options = {})
      : trace_(options.max_trace_events) {}

  void OnOp(const OpEvent& event) override;

  // Phases nest: End ends the one that began last. REQUIRES: there is one.
  void Begin(absl::string_view phase,
             Time now = std::chrono::steady_clock::now());
  void End(Time now = std::chrono::steady_clock::now());

  // A phase that lasts as long as it lives; none if `profiler` is null.
  class Phase {
   public:
    Phase(Profiler* profiler, absl::string_view name);
    ~Phase();
    Phase(const Phase&) = delete;
    Phase& operator=(const Phase&) = delete;

   private:
    Profiler* const profiler_;
  };

  // The longest first. A module has the ops that ran in itself, not those of
  // the modules below it; "" is the outermost one and what is outside of any.
  std::vector<ProfileRow> ByOp() const;
  std::vector<ProfileRow> ByModule() const;

  // By when they first ended.
  const std::vector<PhaseRow>& phases() const { return phases_; }

  // From the first beginning of an op or a phase to the last end of one.
  double WallSeconds() const;
  // The part of it that is in ops. The rest is the program's: data, optimizer,
  // recording, and what the profiler itself takes for each op.
  double OpSeconds() const { return op_seconds_; }

  // Wall time and tables of phases, ops and modules.
  std::string ToString() const;

  // For chrome://tracing and Perfetto.
  std::string TraceJson() const { return trace_.ToJson(); }

 private:
  struct Open {
    std::string name;
    Time start;
    double op_seconds_before;
  };
  void Observe(Time start, Time end);

  ModulePaths paths_;
  Trace trace_;
  // By op and module.
  std::map<std::pair<absl::string_view, const std::string*>, ProfileRow> rows_;
  std::vector<Open> open_;
  std::vector<PhaseRow> phases_;
  double op_seconds_ = 0;
  std::optional<std::pair<Time, Time>> observed_;
};

}  // namespace adjoint::inspect

#endif  // ADJOINT_FRAMEWORK_INSPECT_PROFILER_H_
