// Which module an op belongs to, in backward too.
#ifndef ADJOINT_FRAMEWORK_INSPECT_MODULE_PATHS_H_
#define ADJOINT_FRAMEWORK_INSPECT_MODULE_PATHS_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "framework/core/observer.h"

namespace adjoint::inspect {

// Tells an observer the module of each op. In forward that is the one that is
// running (core/scope.h). An op of Grad belongs to the module that made the
// node whose rule is running: nodes are numbered in the order in which they are
// made, so it is enough to remember from which number on which module ran.
//
// The last 65,536 changes of module are remembered at least, and modules by
// their addresses: they must stay where they are while they are observed.
class ModulePaths {
 public:
  ModulePaths() = default;
  // Hands out addresses of what it holds.
  ModulePaths(const ModulePaths&) = delete;
  ModulePaths& operator=(const ModulePaths&) = delete;

  // The dotted path ("encoder.0") of the module of `event`, in which its
  // observer is just being told of it; empty outside of modules and in the
  // outermost one. Call it for every event, for it learns from them. One path
  // has one address, and keeps it.
  const std::string* Of(const OpEvent& event);

 private:
  // The nodes from `first` on, up to the next such, are of the module.
  struct Change {
    uint64_t first;
    const std::string* path;
  };
  const std::string* OfRunning();
  const std::string* OfNode(uint64_t id) const;
  void Remember(Change change);

  std::set<std::string> paths_ = {""};
  // By the outermost module and the one inside it.
  std::map<std::pair<const void*, const void*>, const std::string*> known_;
  std::vector<Change> changes_;
};

}  // namespace adjoint::inspect

#endif  // ADJOINT_FRAMEWORK_INSPECT_MODULE_PATHS_H_
