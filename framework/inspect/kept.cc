#include "framework/inspect/kept.h"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "framework/core/node.h"

namespace adjoint::inspect {
namespace {

// By id, the oldest first. Does not recurse, for graphs may be deep.
std::map<uint64_t, const Node*> NodesOf(const Tensor& y) {
  std::map<uint64_t, const Node*> nodes;
  std::vector<const Node*> open = {y.node().get()};
  while (!open.empty()) {
    const Node* const node = open.back();
    open.pop_back();
    if (node == nullptr || node->is_leaf()) continue;
    if (!nodes.emplace(node->id(), node).second) continue;
    for (const Tensor& x : node->inputs()) open.push_back(x.node().get());
  }
  return nodes;
}

}  // namespace

std::vector<Kept> KeptBy(const Tensor& y) {
  // The bytes counted so far of the buffer that begins there: a longer view of
  // it adds what it is longer.
  std::unordered_map<const void*, int64_t> counted;
  const auto count = [&counted](const Array& array) {
    if (array.is_ghost()) return int64_t{0};
    const int64_t bytes = array.shape().size() * SizeOf(array.dtype());
    int64_t& before = counted[array.data()];
    const int64_t more = std::max<int64_t>(bytes - before, 0);
    before += more;
    return more;
  };
  std::vector<Kept> all;
  for (const auto& [id, node] : NodesOf(y)) {
    Kept kept = {.node = id, .bytes = 0};
    for (const Tensor& x : node->inputs()) {
      if (x.node() && x.node()->is_leaf()) continue;
      kept.bytes += count(*x.array());
    }
    if (node->saved_output() != nullptr) {
      kept.bytes += count(*node->saved_output());
    }
    all.push_back(kept);
  }
  return all;
}

}  // namespace adjoint::inspect
