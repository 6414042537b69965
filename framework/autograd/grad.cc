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
};

// By id, the newest first.
using Queue =
    absl::btree_map<uint64_t, Pending, std::greater<uint64_t>,
                    PooledAllocator<std::pair<const uint64_t, Pending>>>;

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

// Applies the rule of `node` and adds the results to the queue. Inputs older
// than `oldest`, and leaves that nobody asked for, get none.
template <class IsAsked>
void Propagate(const Node& node, const Tensor& dy, uint64_t oldest,
               IsAsked is_asked, Queue& queue) {
  const absl::Span<const Tensor> inputs = node.inputs();
  absl::InlinedVector<bool, 4> needs(inputs.size());
  bool any = false;
  for (size_t i = 0; i < inputs.size(); ++i) {
    const Ref<Node>& input = inputs[i].node();
    needs[i] = input && input->id() >= oldest &&
               (!input->is_leaf() || is_asked(input->id()));
    any = any || needs[i];
  }
  if (!any) return;
  absl::InlinedVector<Tensor, 4> dx(inputs.size());
  node.Vjp(dy, needs, absl::MakeSpan(dx));
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (!needs[i] || !dx[i].defined()) continue;
    Tensor gradient = SumTo(dx[i], inputs[i].shape());
    Pending& pending = queue[inputs[i].node()->id()];
    if (pending.node) {
      pending.cotangent = pending.cotangent + gradient;
    } else {
      pending = {inputs[i].node(), std::move(gradient)};
    }
  }
}

}  // namespace

std::vector<Tensor> Grad(Tensor y, absl::Span<const Tensor> xs,
                         const GradOptions& options) {
  // Which id is which x, sorted by id.
  absl::InlinedVector<std::pair<uint64_t, size_t>, 8> asked;
  for (size_t i = 0; i < xs.size(); ++i) {
    if (!xs[i].node()) {
      throw ValueError(absl::StrCat("grad: x ", i, " (", Signature(xs[i]),
                                    ") is a constant; make it a Leaf"));
    }
    asked.push_back({xs[i].node()->id(), i});
  }
  std::sort(asked.begin(), asked.end());
  const auto first_with = [&](uint64_t id) {
    return std::lower_bound(asked.begin(), asked.end(),
                            std::make_pair(id, size_t{0}));
  };
  const auto is_asked = [&](uint64_t id) {
    auto it = first_with(id);
    return it != asked.end() && it->first == id;
  };
  const uint64_t oldest = asked.empty() ? ~uint64_t{0} : asked[0].first;

  RecordingScope recording(options.create_graph);
  BackwardScope backward;
  std::vector<Tensor> gradients(xs.size());
  Queue queue;
  Tensor seed = SeedFor(y, options.seed);
  if (y.node()) queue[y.node()->id()] = {y.node(), std::move(seed)};
  y = Tensor();
  while (!queue.empty()) {
    const Pending newest = std::move(queue.begin()->second);
    queue.erase(queue.begin());
    const uint64_t id = newest.node->id();
    for (auto it = first_with(id); it != asked.end() && it->first == id; ++it) {
      gradients[it->second] = newest.cotangent;
    }
    if (id > oldest) {
      backward.set_node(id);
      Propagate(*newest.node, newest.cotangent, oldest, is_asked, queue);
    }
  }
  for (size_t i = 0; i < xs.size(); ++i) {
    if (!gradients[i].defined()) {
      gradients[i] = Zeros(xs[i].shape(), xs[i].dtype());
    }
  }
  return gradients;
}

}  // namespace adjoint
