#include "framework/inspect/trace.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace adjoint::inspect {
namespace {

// "f32 [128,784], f32 [10,784] -> f32 [128,10]".
std::string SignatureOf(const OpEvent& event) {
  return absl::StrCat(absl::StrJoin(event.inputs, ", ",
                                    [](std::string* out, const Tensor* x) {
                                      absl::StrAppend(out, Signature(*x));
                                    }),
                      " -> ", Signature(event.output));
}

// `text` as a string of JSON (RFC 8259, section 7).
std::string JsonString(absl::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += {'\\', c};
    } else if (static_cast<unsigned char>(c) < 0x20) {
      absl::StrAppendFormat(&out, "\\u%04x", c);
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string Microseconds(std::chrono::steady_clock::duration d) {
  using Nanoseconds = std::chrono::nanoseconds;
  const int64_t ns = std::chrono::duration_cast<Nanoseconds>(d).count();
  return absl::StrFormat("%d.%03d", ns / 1000, ns % 1000);
}

// How many names two paths have in common at their beginning.
size_t CommonDepth(const std::vector<std::string>& a,
                   const std::vector<std::string>& b) {
  const auto end = std::min(a.size(), b.size());
  return std::mismatch(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(end),
                       b.begin())
             .first -
         a.begin();
}

}  // namespace

// A rectangle of the picture. Those that begin together are drawn from the
// outermost, of the smallest depth, to the innermost.
struct Trace::Slice {
  std::string name;
  absl::string_view category;
  Time start, end;
  size_t depth;
  std::string args;
};

bool Trace::HasRoom() {
  if (static_cast<int64_t>(ops_.size() + phases_.size()) < max_events_) {
    return true;
  }
  ++left_out_;
  return false;
}

void Trace::AddOp(const OpEvent& event, const std::string* module) {
  if (!HasRoom()) return;
  ops_.push_back({.name = event.op,
                  .module = module,
                  .signature = &*strings_.insert(SignatureOf(event)).first,
                  .flops = event.flops,
                  .bytes = event.bytes,
                  .start = event.start,
                  .end = event.end,
                  .backward = event.backward});
}

void Trace::AddPhase(absl::string_view name, Time start, Time end) {
  if (!HasRoom()) return;
  phases_.push_back({.name = *strings_.insert(std::string(name)).first,
                     .start = start,
                     .end = end});
}

std::vector<Trace::Slice> Trace::Slices() const {
  constexpr size_t kInPhases = 1'000;  // No phases nest so deep.
  constexpr size_t kInModules = 1'000'000;
  std::vector<Slice> slices;
  // The ends of phases at which what is open must be closed, and their starts.
  std::vector<Time> cuts;
  for (const Op& phase : phases_) {
    // Phases are added when they end: of two that begin together, the later is
    // the outer one.
    cuts.insert(cuts.end(), {phase.start, phase.end});
    slices.push_back(
        {std::string(phase.name), "phase", phase.start, phase.end, 0, "{}"});
  }
  std::reverse(slices.begin(), slices.end());
  std::sort(cuts.begin(), cuts.end());
  std::vector<std::string> open;    // The names of the open modules,
  std::vector<size_t> open_slices;  // and their slices.
  const Op* before = nullptr;
  for (const Op& op : ops_) {
    std::vector<std::string> path;
    if (!op.module->empty()) path = absl::StrSplit(*op.module, '.');
    const bool cut =
        before != nullptr &&
        (before->backward != op.backward ||
         std::upper_bound(cuts.begin(), cuts.end(), before->start) !=
             std::upper_bound(cuts.begin(), cuts.end(), op.start));
    const size_t kept = cut ? 0 : CommonDepth(open, path);
    open_slices.resize(kept);
    for (size_t i = kept; i < path.size(); ++i) {
      open_slices.push_back(slices.size());
      slices.push_back(
          {path[i], "module", op.start, op.end, kInPhases + i, "{}"});
    }
    for (const size_t i : open_slices) slices[i].end = op.end;
    slices.push_back(
        {std::string(op.name), op.backward ? "backward" : "forward", op.start,
         op.end, kInModules,
         absl::StrFormat(R"({"module":%s,"shapes":%s,"flops":%.0f,"bytes":%d})",
                         JsonString(*op.module), JsonString(*op.signature),
                         op.flops, op.bytes)});
    open = std::move(path);
    before = &op;
  }
  return slices;
}

std::string Trace::ToJson() const {
  std::vector<Slice> slices = Slices();
  // Readers nest slices by time and, where times are equal, by order.
  std::stable_sort(
      slices.begin(), slices.end(), [](const Slice& a, const Slice& b) {
        return std::pair(a.start, a.depth) < std::pair(b.start, b.depth);
      });
  std::string out = R"({"displayTimeUnit":"ms","traceEvents":[
{"ph":"M","pid":1,"tid":1,"name":"process_name","args":{"name":"adjoint"}})";
  for (const Slice& slice : slices) {
    absl::StrAppend(&out, ",\n{\"ph\":\"X\",\"pid\":1,\"tid\":1,\"ts\":",
                    Microseconds(slice.start - slices[0].start),
                    ",\"dur\":", Microseconds(slice.end - slice.start),
                    ",\"name\":", JsonString(slice.name), ",\"cat\":\"",
                    slice.category, "\",\"args\":", slice.args, "}");
  }
  absl::StrAppend(&out, "\n],\"otherData\":{\"events_left_out\":\"", left_out_,
                  "\"}}\n");
  return out;
}

}  // namespace adjoint::inspect
