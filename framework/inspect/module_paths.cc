#include "framework/inspect/module_paths.h"

#include <algorithm>
#include <cstddef>

#include "framework/core/node.h"
#include "framework/core/scope.h"

namespace adjoint::inspect {

const std::string* ModulePaths::Of(const OpEvent& event) {
  const std::string* const path =
      event.backward ? OfNode(NodeInBackward()) : OfRunning();
  // The node of this op, if it gets one, is made when the observer returns. So
  // are those of gradients that keep a history, and of what a rule computes
  // again: they belong to the module whose rule made them.
  Remember({Node::NewestId() + 1, path});
  return path;
}

const std::string* ModulePaths::OfRunning() {
  // Looking a path up walks all modules, hence once.
  const std::string*& path = known_[{Scope::Root(), Scope::Subject()}];
  if (path == nullptr) path = &*paths_.insert(Scope::Path()).first;
  return path;
}

const std::string* ModulePaths::OfNode(uint64_t id) const {
  const auto next = std::upper_bound(
      changes_.begin(), changes_.end(), id,
      [](uint64_t node, const Change& change) { return node < change.first; });
  return next == changes_.begin() ? &*paths_.begin() : std::prev(next)->path;
}

void ModulePaths::Remember(Change change) {
  constexpr std::ptrdiff_t kKept = 65536;
  if (!changes_.empty() && changes_.back().first == change.first) {
    changes_.back() = change;  // No node was made in between.
  } else if (changes_.empty() || changes_.back().path != change.path) {
    if (changes_.size() == 2 * kKept) {
      changes_.erase(changes_.begin(), changes_.begin() + kKept);
    }
    changes_.push_back(change);
  }
}

}  // namespace adjoint::inspect
