#include "framework/inspect/profiler.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "framework/base/error.h"
#include "framework/inspect/table.h"

namespace adjoint::inspect {
namespace {

double Seconds(std::chrono::steady_clock::duration d) {
  return std::chrono::duration<double>(d).count();
}

std::vector<ProfileRow> LongestFirst(
    const std::map<std::string, ProfileRow>& by_name) {
  std::vector<ProfileRow> rows;
  for (const auto& [name, row] : by_name) {
    rows.push_back(row);
    rows.back().name = name;
  }
  std::stable_sort(rows.begin(), rows.end(),
                   [](const ProfileRow& a, const ProfileRow& b) {
                     return a.Total().seconds > b.Total().seconds;
                   });
  return rows;
}

double Ratio(double a, double b) { return b == 0 ? 0 : a / b; }

// "12.3", with three digits at small values; "" for 0.
std::string Giga(double per_second) {
  if (per_second == 0) return "";
  return absl::StrFormat("%.*f", per_second < 1e9 ? 3 : 1, per_second / 1e9);
}

// `kind` heads the column of names.
std::string WorkTable(absl::string_view kind,
                      const std::vector<ProfileRow>& rows,
                      double wall_seconds) {
  std::vector<TableRow> cells = {{"calls", "forward", "backward", "% wall",
                                  "GFLOP/s", "GB/s", "bytes",
                                  std::string(kind)}};
  const size_t figures = cells[0].size() - 1;
  for (const ProfileRow& row : rows) {
    const Work total = row.Total();
    const double bytes = static_cast<double>(total.bytes);
    cells.push_back({absl::StrCat(total.calls),
                     ShortDuration(row.forward.seconds),
                     ShortDuration(row.backward.seconds),
                     Percentage(Ratio(total.seconds, wall_seconds)),
                     Giga(Ratio(total.flops, total.seconds)),
                     Giga(Ratio(bytes, total.seconds)), ShortBytes(total.bytes),
                     row.name.empty() ? "-" : row.name});
  }
  return Table(cells, {.figures = figures});
}

}  // namespace

Work& Work::operator+=(const Work& other) {
  calls += other.calls;
  seconds += other.seconds;
  flops += other.flops;
  bytes += other.bytes;
  return *this;
}

Work ProfileRow::Total() const {
  Work total = forward;
  return total += backward;
}

void Profiler::OnOp(const OpEvent& event) {
  const std::string* const module = paths_.Of(event);
  const double seconds = Seconds(event.end - event.start);
  ProfileRow& row = rows_[{event.op, module}];
  (event.backward ? row.backward : row.forward) += {.calls = 1,
                                                    .seconds = seconds,
                                                    .flops = event.flops,
                                                    .bytes = event.bytes};
  op_seconds_ += seconds;
  Observe(event.start, event.end);
  trace_.AddOp(event, module);
}

void Profiler::Begin(absl::string_view phase, Time now) {
  open_.push_back({std::string(phase), now, op_seconds_});
}

void Profiler::End(Time now) {
  ADJOINT_CHECK(!open_.empty());
  const Open phase = std::move(open_.back());
  open_.pop_back();
  auto row = std::find_if(
      phases_.begin(), phases_.end(),
      [&](const PhaseRow& known) { return known.name == phase.name; });
  if (row == phases_.end()) {
    row = phases_.insert(row, PhaseRow{.name = phase.name});
  }
  ++row->times;
  row->seconds += Seconds(now - phase.start);
  row->op_seconds += op_seconds_ - phase.op_seconds_before;
  Observe(phase.start, now);
  trace_.AddPhase(phase.name, phase.start, now);
}

Profiler::Phase::Phase(Profiler* profiler, absl::string_view name)
    : profiler_(profiler) {
  if (profiler_ != nullptr) profiler_->Begin(name);
}

Profiler::Phase::~Phase() {
  if (profiler_ != nullptr) profiler_->End();
}

std::vector<ProfileRow> Profiler::ByOp() const {
  std::map<std::string, ProfileRow> by_op;
  for (const auto& [key, row] : rows_) {
    ProfileRow& sum = by_op[std::string(key.first)];
    sum.forward += row.forward;
    sum.backward += row.backward;
  }
  return LongestFirst(by_op);
}

std::vector<ProfileRow> Profiler::ByModule() const {
  std::map<std::string, ProfileRow> by_module;
  for (const auto& [key, row] : rows_) {
    ProfileRow& sum = by_module[*key.second];
    sum.forward += row.forward;
    sum.backward += row.backward;
  }
  return LongestFirst(by_module);
}

void Profiler::Observe(Time start, Time end) {
  if (!observed_) observed_ = {start, end};
  observed_->first = std::min(observed_->first, start);
  observed_->second = std::max(observed_->second, end);
}

double Profiler::WallSeconds() const {
  return observed_ ? Seconds(observed_->second - observed_->first) : 0;
}

std::string Profiler::ToString() const {
  const double wall = WallSeconds();
  std::string text = absl::StrCat(
      "profile  wall ", Duration(wall), ", in ops ", Duration(op_seconds_),
      " (", Percentage(Ratio(op_seconds_, wall)), "), the rest ",
      Duration(wall - op_seconds_), "\n");
  if (!phases_.empty()) {
    std::vector<TableRow> cells = {
        {"times", "time", "% wall", "in ops", "the rest", "phase"}};
    for (const PhaseRow& row : phases_) {
      cells.push_back({absl::StrCat(row.times), ShortDuration(row.seconds),
                       Percentage(Ratio(row.seconds, wall)),
                       ShortDuration(row.op_seconds),
                       ShortDuration(row.seconds - row.op_seconds), row.name});
    }
    absl::StrAppend(&text, "\n", Table(cells, {.figures = 5}));
  }
  absl::StrAppend(&text, "\n", WorkTable("op", ByOp(), wall), "\n",
                  WorkTable("module", ByModule(), wall));
  if (trace_.left_out() > 0) {
    absl::StrAppend(&text, "the trace leaves out the last ", trace_.left_out(),
                    " ops and phases\n");
  }
  return text;
}

}  // namespace adjoint::inspect
