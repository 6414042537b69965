// Forward runs f without recording. The rule of the one node that is left runs
// it with recording and asks Grad; with create_graph that Grad is recorded too,
// and the second derivatives follow without another word.
//
// The rule must not see further than f: what xs were computed from is the
// business of the Grad outside, although both may lead to the same leaves. So f
// gets each x behind a Gate. Leaves need none, for nothing is behind them,
// which is why f may capture them: a layer reads its parameters itself.
#include "framework/autograd/checkpoint.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "framework/autograd/grad.h"
#include "framework/base/error.h"
#include "framework/core/observer.h"
#include "framework/core/scope.h"

namespace adjoint {
namespace {

// An x as f sees it in backward. Closed, it is where the graph ends; once
// opened, a step on the way to where x came from.
class Gate final : public Node {
 public:
  explicit Gate(const Tensor& x)
      : behind_{Tensor(x.Ghost().array(), x.node())} {}

  absl::string_view name() const override { return "checkpoint_input"; }
  absl::Span<const Tensor> inputs() const override {
    return open_ ? absl::MakeConstSpan(&behind_, 1)
                 : absl::Span<const Tensor>();
  }
  void Vjp(const Tensor& dy, absl::Span<const bool>,
           absl::Span<Tensor> dx) const override {
    dx[0] = dy;
  }
  void Open() { open_ = true; }

 private:
  const Tensor behind_;
  bool open_ = false;
};

// Whether x is a leaf for good, which a closed gate is not.
bool IsLeaf(const Tensor& x) {
  return x.node() && x.node()->is_leaf() &&
         dynamic_cast<const Gate*>(x.node().get()) == nullptr;
}

class CheckpointNode final : public Node {
 public:
  CheckpointNode(absl::Span<const Tensor> xs, FunctionOfSeveral again)
      : xs_(xs.begin(), xs.end()), again_(std::move(again)) {}

  absl::string_view name() const override { return "checkpoint"; }
  absl::Span<const Tensor> inputs() const override { return xs_; }
  void Vjp(const Tensor& dy, absl::Span<const bool> needs,
           absl::Span<Tensor> dx) const override {
    std::vector<Gate*> gates;
    std::vector<Tensor> at, asked;
    std::vector<size_t> asked_by;
    for (size_t i = 0; i < xs_.size(); ++i) {
      at.push_back(xs_[i]);
      if (xs_[i].node() && !IsLeaf(xs_[i])) {
        gates.push_back(new Gate(xs_[i]));
        at[i] = Tensor(xs_[i].array(), Ref<Node>(gates.back()));
      }
      // A leaf that xs mention twice gets its whole gradient the first time.
      if (!needs[i] || IsAmong(at[i], asked)) continue;
      asked.push_back(at[i]);
      asked_by.push_back(i);
    }
    const GradOptions options = {.create_graph = IsRecording(), .seed = dy};
    Tensor y;
    {
      const RecordingScope recording(true);
      y = again_(at);
    }
    std::vector<Tensor> gradients = Grad(std::move(y), asked, options);
    for (size_t i = 0; i < asked.size(); ++i) {
      dx[asked_by[i]] = std::move(gradients[i]);
    }
    for (Gate* gate : gates) gate->Open();
  }

  static bool IsAmong(const Tensor& x, absl::Span<const Tensor> others) {
    return std::any_of(others.begin(), others.end(), [&x](const Tensor& other) {
      return other.node() == x.node();
    });
  }

 private:
  const std::vector<Tensor> xs_;
  const FunctionOfSeveral again_;
};

// Looks, while f runs unrecorded, for tensors with a history from before that
// are no leaves of xs: those that f captured.
class CaptureCheck final : public Observer {
 public:
  explicit CaptureCheck(absl::Span<const Tensor> xs)
      : xs_(xs), start_(Leaf(Zeros({})).node()->id()) {}

  void OnOp(const OpEvent& event) override {
    if (next_ != nullptr) next_->OnOp(event);
    for (const Tensor* x : event.inputs) Require(*x, event.op);
  }

  // Throws ValueError if x was captured.
  void Require(const Tensor& x, absl::string_view reader) const {
    if (!x.node() || x.node()->id() > start_) return;
    if (IsLeaf(x) && CheckpointNode::IsAmong(x, xs_)) return;
    throw ValueError(WithPath(absl::StrCat(
        "checkpoint: f reads a tensor that has a history and is not among xs, "
        "and its gradient would be lost; add it to xs or StopGradient it: ",
        Signature(x), " in ", reader)));
  }

 private:
  const absl::Span<const Tensor> xs_;
  const uint64_t start_;  // Nodes up to this id are from before.
  Observer* const next_ = CurrentObserver();
};

}  // namespace

Tensor Checkpoint(const FunctionOfSeveral& f, FunctionOfSeveral again,
                  absl::Span<const Tensor> xs) {
  if (!IsRecording()) return f(xs);
  std::vector<Tensor> at;
  bool has_history = false;
  for (const Tensor& x : xs) {
    at.push_back(IsLeaf(x) ? x : x.Detach());
    has_history = has_history || x.node();
  }
  Tensor y;
  {
    const NoGrad no_grad;
    CaptureCheck check(xs);
    const ObserverScope observe(&check);
    y = f(at);
    check.Require(y, "its result");
  }
  if (!has_history) return y.Detach();
  return Tensor(y.array(), Ref<Node>(new CheckpointNode(xs, std::move(again))));
}

Tensor Checkpoint(const FunctionOfSeveral& f, absl::Span<const Tensor> xs) {
  return Checkpoint(f, f, xs);
}

Tensor Checkpoint(const Function& f, const Tensor& x) {
  return Checkpoint([f](absl::Span<const Tensor> xs) { return f(xs[0]); }, {x});
}

}  // namespace adjoint
