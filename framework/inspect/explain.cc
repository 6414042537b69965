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

// "[128,784] [10,784] -> [128,10]".
std::string Signature(const ExplainedOp& op) {
  return absl::StrCat(absl::StrJoin(op.inputs, " "), " -> ", op.output);
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

// A line of an op or of a sum, without its text.
TableRow Figures(const ExplainedOp& work) {
  return {ShortCount(work.flops), ShortBytes(work.bytes),
          ShortDuration(work.seconds), ShortBytes(work.kept_bytes)};
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

std::string Explanation::ToString(size_t width) const {
  std::vector<TableRow> rows = {
      {"flops", "bytes", "time", "kept", "op", "module", "inputs -> output"}};
  const auto append = [&](const ExplainedOp& work, absl::string_view op,
                          std::string signature) {
    rows.push_back(Figures(work));
    // Nothing marks a backward op in a table without colours but its name.
    rows.back().insert(rows.back().end(),
                       {absl::StrCat(work.backward ? "< " : "  ", op),
                        work.module, std::move(signature)});
  };
  ExplainedOp forward, backward = {.backward = true}, total;
  for (const ExplainedOp& op : ops) {
    append(op, op.op, Signature(op));
    for (ExplainedOp* sum : {op.backward ? &backward : &forward, &total}) {
      sum->flops += op.flops;
      sum->bytes += op.bytes;
      sum->seconds += op.seconds;
      sum->kept_bytes += op.kept_bytes;
    }
  }
  append(forward, "forward", "");
  append(backward, "backward", "");
  append(total, "both", "");
  return Table(rows, {.figures = 4, .width = width});
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

std::string GradientTable(absl::Span<const NamedGradient> gradients,
                          size_t width) {
  std::vector<TableRow> rows = {
      {"rms", "gradient rms", "ratio", "gradient norm", "parameter", "shape"}};
  double squares = 0;
  for (const NamedGradient& g : gradients) {
    const double norm = Norm(g.gradient);
    const double rms = RootMeanSquare(Norm(g.value), g.value);
    const double gradient_rms = RootMeanSquare(norm, g.gradient);
    squares += norm * norm;
    rows.push_back(
        {absl::StrFormat("%.3g", rms), absl::StrFormat("%.3g", gradient_rms),
         rms == 0 ? "" : absl::StrFormat("%.2g", gradient_rms / rms),
         absl::StrFormat("%.4g", norm), g.name, g.value.shape().ToString()});
  }
  rows.push_back(
      {"", "", "", absl::StrFormat("%.4g", std::sqrt(squares)), "all", ""});
  return Table(rows, {.figures = 4, .width = width});
}

}  // namespace adjoint::inspect
