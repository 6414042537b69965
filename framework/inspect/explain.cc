#include "framework/inspect/explain.h"

#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "framework/core/node.h"
#include "framework/core/observer.h"
#include "framework/inspect/kept.h"
#include "framework/inspect/module_paths.h"
#include "framework/inspect/table.h"

namespace adjoint::inspect {
namespace {

// "[128,784]", "i32 [128]".
std::string ShapeOf(const Tensor& x) {
  return absl::StrCat(x.dtype() == DType::kF32 ? "" : Name(x.dtype()),
                      x.dtype() == DType::kF32 ? "" : " ",
                      x.shape().ToString());
}

// "[128,784] [10,784] -> [128,10]". Of more than a line of a table has room
// for, the first inputs and the output: the trace has all of them.
std::string Signature(const ExplainedOp& op) {
  constexpr size_t kMost = 38;
  std::string all =
      absl::StrCat(absl::StrJoin(op.inputs, " "), " -> ", op.output);
  if (all.size() <= kMost) return all;
  const std::string end = absl::StrCat(" .. -> ", op.output);
  std::string some;
  for (const std::string& input : op.inputs) {
    if (some.size() + 1 + input.size() + end.size() > kMost) break;
    absl::StrAppend(&some, some.empty() ? "" : " ", input);
  }
  return some + (some.empty() ? end.substr(1) : end);
}

class Recorder final : public Observer {
 public:
  void OnOp(const OpEvent& event) override {
    ExplainedOp op = {
        .op = std::string(event.op),
        .backward = event.backward,
        .module = *paths_.Of(event),
        .output = ShapeOf(event.output),
        .flops = event.flops,
        .bytes = event.bytes,
        .seconds =
            std::chrono::duration<double>(event.end - event.start).count()};
    for (const Tensor* x : event.inputs) op.inputs.push_back(ShapeOf(*x));
    ops.push_back(std::move(op));
    newest_before.push_back(Node::NewestId());
  }

  std::vector<ExplainedOp> ops;
  // The newest node when the op was reported: its own follows.
  std::vector<uint64_t> newest_before;

 private:
  ModulePaths paths_;
};

// Gives what each node of the loss keeps to the op after which it was made.
void AssignKept(const Tensor& loss, Recorder& recorder) {
  size_t op = 0;
  for (const Kept& kept : KeptBy(loss)) {
    while (op + 1 < recorder.ops.size() &&
           recorder.newest_before[op + 1] < kept.node) {
      ++op;
    }
    if (op < recorder.ops.size()) recorder.ops[op].kept_bytes += kept.bytes;
  }
}

// The cells of an op or of a sum, from the fourth on.
void AppendWork(const ExplainedOp& work, TableRow& row) {
  row.insert(row.end(), {Count(work.flops), Bytes(work.bytes),
                         Duration(work.seconds), Bytes(work.kept_bytes)});
}

double RootMeanSquare(double norm, const Tensor& x) {
  return x.size() == 0 ? 0 : norm / std::sqrt(static_cast<double>(x.size()));
}

double Norm(const Tensor& x) {
  return VisitFloat(x.dtype(), [&](auto zero) {
    double sum = 0;
    for (const auto v : x.data<decltype(zero)>()) {
      sum += static_cast<double>(v) * static_cast<double>(v);
    }
    return std::sqrt(sum);
  });
}

}  // namespace

std::string Explanation::ToString() const {
  std::vector<TableRow> rows = {
      {"op", "module", "inputs -> output", "flops", "bytes", "time", "kept"}};
  ExplainedOp sums[3];
  for (const ExplainedOp& op : ops) {
    // Nothing marks a backward op in a table without colours but its name.
    rows.push_back({absl::StrCat(op.backward ? "< " : "  ", op.op), op.module,
                    Signature(op)});
    AppendWork(op, rows.back());
    for (ExplainedOp* sum : {&sums[op.backward ? 1 : 0], &sums[2]}) {
      sum->flops += op.flops;
      sum->bytes += op.bytes;
      sum->seconds += op.seconds;
      sum->kept_bytes += op.kept_bytes;
    }
  }
  constexpr absl::string_view kNames[] = {"forward", "< backward", "total"};
  for (size_t i = 0; i < 3; ++i) {
    rows.push_back({std::string(kNames[i]), "", ""});
    AppendWork(sums[i], rows.back());
  }
  return Table(rows, 3);
}

Explanation Explain(absl::FunctionRef<Tensor()> forward,
                    absl::FunctionRef<void(Tensor loss)> backward) {
  Recorder recorder;
  const ObserverScope observe(&recorder);
  Tensor loss = forward();
  AssignKept(loss, recorder);
  backward(std::move(loss));
  return {std::move(recorder.ops)};
}

std::string GradientTable(absl::Span<const NamedGradient> gradients) {
  std::vector<TableRow> rows = {
      {"parameter", "shape", "rms", "gradient rms", "ratio", "gradient norm"}};
  double squares = 0;
  for (const NamedGradient& g : gradients) {
    const double norm = Norm(g.gradient);
    const double rms = RootMeanSquare(Norm(g.value), g.value);
    const double gradient_rms = RootMeanSquare(norm, g.gradient);
    squares += norm * norm;
    rows.push_back({g.name, g.value.shape().ToString(),
                    absl::StrFormat("%.3g", rms),
                    absl::StrFormat("%.3g", gradient_rms),
                    rms == 0 ? "" : absl::StrFormat("%.2g", gradient_rms / rms),
                    absl::StrFormat("%.4g", norm)});
  }
  rows.push_back(
      {"all", "", "", "", "", absl::StrFormat("%.4g", std::sqrt(squares))});
  return Table(rows, 2);
}

}  // namespace adjoint::inspect
