// The whole of reverse mode: hold the pending cotangent of each node that has
// one; take the newest node, for nothing older can still add to it; apply its
// rule; add what comes out to its inputs' pending cotangents.
//
// Rules are written in ops. With create_graph the ops are recorded like any
// others, which makes the gradients differentiable; that is all there is to
// higher derivatives.

#include "framework/autograd/grad.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "absl/container/btree_map.h"
#include "absl/container/inlined_vector.h"
#include "absl/strings/str_cat.h"
#include "framework/base/error.h"
#include "framework/core/memory.h"
#include "framework/core/observer.h"
#include "framework/ops/arithmetic.h"
#include "framework/ops/reduce.h"

namespace adjoint {
namespace {

// A node that y depends on and the cotangent gathered for it so far.
struct Pending {
  Ref<Node> node;
  Tensor cotangent;

  void Add(const Ref<Node>& to, Tensor gradient) {
    if (node) {
      cotangent = cotangent + gradient;
    } else {
      node = to;
      cotangent = std::move(gradient);
    }
  }
};

// The pending nodes, the newest first.
class Queue {
 public:
  void Add(const Ref<Node>& node, Tensor gradient) {
    Slot(node->id()).Add(node, std::move(gradient));
  }
  bool empty() const { return !newest_.node && others_.empty(); }
  Pending TakeNewest() {
    if (newest_.node) return std::move(newest_);
    Pending taken = std::move(others_.begin()->second);
    others_.erase(others_.begin());
    return taken;
  }

 private:
  // The place of node `id`, empty if it was not pending.
  Pending& Slot(uint64_t id) {
    if (newest_.node) {
      const uint64_t newest = newest_.node->id();
      if (id == newest) return newest_;
      if (id < newest) return others_[id];
      others_[newest] = std::move(newest_);
    } else if (!others_.empty() && id <= others_.begin()->first) {
      return others_[id];
    }
    return newest_;
  }

  // Newer than all others, or none: a chain never needs the tree.
  Pending newest_;
  absl::btree_map<uint64_t, Pending, std::greater<uint64_t>,
                  PooledAllocator<std::pair<const uint64_t, Pending>>>
      others_;
};

// What is asked for: which node is which x, and where its gradient goes.
class Asked {
 public:
  Asked(absl::Span<const Tensor> xs, absl::Span<Tensor> gradients)
      : gradients_(gradients) {
    for (size_t i = 0; i < xs.size(); ++i) {
      if (!xs[i].node()) {
        throw ValueError(absl::StrCat("grad: x ", i, " (", Signature(xs[i]),
                                      ") is a constant; make it a Leaf"));
      }
      by_id_.push_back({xs[i].node()->id(), i});
    }
    std::sort(by_id_.begin(), by_id_.end());
  }

  // No node older than this matters.
  uint64_t oldest() const {
    return by_id_.empty() ? ~uint64_t{0} : by_id_[0].first;
  }

  // Where the gradient of node `id` goes; null if it was not asked for.
  Tensor* Find(uint64_t id) const {
    const auto it = std::lower_bound(by_id_.begin(), by_id_.end(),
                                     std::make_pair(id, size_t{0}));
    if (it == by_id_.end() || it->first != id) return nullptr;
    return &gradients_[it->second];
  }

  // An x may be asked for several times: Find tells of the first.
  void CopyToRepeated() const {
    for (size_t k = 1; k < by_id_.size(); ++k) {
      if (by_id_[k].first != by_id_[k - 1].first) continue;
      gradients_[by_id_[k].second] = gradients_[by_id_[k - 1].second];
    }
  }

 private:
  absl::InlinedVector<std::pair<uint64_t, size_t>, 16,
                      PooledAllocator<std::pair<uint64_t, size_t>>>
      by_id_;
  const absl::Span<Tensor> gradients_;
};

Tensor SeedFor(const Tensor& y, const Tensor& seed) {
  if (!y.defined()) throw ValueError("grad: y is undefined");
  if (!IsFloat(y.dtype())) {
    throw DTypeError(
        absl::StrCat("grad: y must be f32 or f64: ", Signature(y)));
  }
  if (!seed.defined()) {
    if (y.size() == 1) return Ones(y.shape(), y.dtype());
    throw ShapeError(
        absl::StrCat("grad: y has more than one element and there is no seed: ",
                     Signature(y)));
  }
  if (seed.shape() != y.shape() || seed.dtype() != y.dtype()) {
    throw ShapeError(absl::StrCat("grad: the seed is not like y: y ",
                                  Signature(y), ", seed ", Signature(seed)));
  }
  return seed;
}

// `gradient`, which the rule of `node` returned for input `i`, in the shape of
// that input.
Tensor Fit(const Node& node, size_t i, Tensor gradient) {
  const Tensor& input = node.inputs()[i];
  const bool same_dtype = gradient.dtype() == input.dtype();
  if (same_dtype && gradient.shape() == input.shape()) return gradient;
  if (!same_dtype ||
      BroadcastShapes(gradient.shape(), input.shape()) != gradient.shape()) {
    throw ShapeError(absl::StrCat("in the rule of ", node.name(),
                                  ": it returned ", Signature(gradient),
                                  " for input ", i, ", ", Signature(input)));
  }
  return SumTo(gradient, input.shape());
}

void RunRule(const Node& node, const Tensor& dy, absl::Span<const bool> needs,
             absl::Span<Tensor> dx) {
  try {
    node.Vjp(dy, needs, dx);
  } catch (const ValueError& e) {
    throw ValueError(
        absl::StrCat("in the rule of ", node.name(), ": ", e.what()));
  }
}

// Applies the rule of `node` and hands the results to its inputs, but for those
// older than what is asked for and for leaves that are not. A leaf has no rule:
// it gathers its gradient where that goes.
void Propagate(const Node& node, const Tensor& dy, const Asked& asked,
               Queue& queue) {
  const absl::Span<const Tensor> inputs = node.inputs();
  absl::InlinedVector<bool, 8> needs(inputs.size());
  absl::InlinedVector<Tensor*, 4> leaf(inputs.size());
  bool any = false;
  for (size_t i = 0; i < inputs.size(); ++i) {
    const Ref<Node>& input = inputs[i].node();
    if (!input || input->id() < asked.oldest()) continue;
    if (input->is_leaf()) leaf[i] = asked.Find(input->id());
    needs[i] = !input->is_leaf() || leaf[i] != nullptr;
    any = any || needs[i];
  }
  if (!any) return;
  absl::InlinedVector<Tensor, 4> dx(inputs.size());
  RunRule(node, dy, needs, absl::MakeSpan(dx));
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (!needs[i] || !dx[i].defined()) continue;
    Tensor gradient = Fit(node, i, std::move(dx[i]));
    if (leaf[i] == nullptr) {
      queue.Add(inputs[i].node(), std::move(gradient));
    } else if (leaf[i]->defined()) {
      *leaf[i] = *leaf[i] + gradient;
    } else {
      *leaf[i] = std::move(gradient);
    }
  }
}

}  // namespace

void Grad(Tensor y, absl::Span<const Tensor> xs, const GradOptions& options,
          absl::Span<Tensor> gradients) {
  ADJOINT_CHECK(gradients.size() == xs.size());
  std::fill(gradients.begin(), gradients.end(), Tensor());
  const Asked asked(xs, gradients);
  RecordingScope recording(options.create_graph);
  BackwardScope backward;
  Queue queue;
  Tensor seed = SeedFor(y, options.seed);
  if (y.node()) queue.Add(y.node(), std::move(seed));
  y = Tensor();
  while (!queue.empty()) {
    const Pending newest = queue.TakeNewest();
    const uint64_t id = newest.node->id();
    if (Tensor* gradient = asked.Find(id)) *gradient = newest.cotangent;
    if (id > asked.oldest()) {
      backward.set_node(id);
      Propagate(*newest.node, newest.cotangent, asked, queue);
    }
  }
  asked.CopyToRepeated();
  for (size_t i = 0; i < xs.size(); ++i) {
    if (!gradients[i].defined()) {
      gradients[i] = Zeros(xs[i].shape(), xs[i].dtype());
    }
  }
}

std::vector<Tensor> Grad(Tensor y, absl::Span<const Tensor> xs,
                         const GradOptions& options) {
  std::vector<Tensor> gradients(xs.size());
  Grad(std::move(y), xs, options, absl::MakeSpan(gradients));
  return gradients;
}

}  // namespace adjoint
