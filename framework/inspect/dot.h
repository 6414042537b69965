// Graphs as text for Graphviz, in its DOT language.
#ifndef ADJOINT_FRAMEWORK_INSPECT_DOT_H_
#define ADJOINT_FRAMEWORK_INSPECT_DOT_H_

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace adjoint::inspect {

// A directed graph. The text has its vertices and edges in the order in which
// they were added, so that equal graphs are equal texts.
class DotGraph {
 public:
  struct Vertex {
    std::string label;                  // Any text; lines are broken at '\n'.
    absl::string_view attributes = "";  // In DOT: "shape=box". A literal.
    // The dotted path of the frame that it is drawn in, within those of the
    // path's beginnings: "encoder.0". Empty for no frame.
    std::string frame;
  };

  // Returns the number of the vertex; they count from 0.
  size_t Add(Vertex vertex);
  // REQUIRES: both were added.
  void Connect(size_t from, size_t to) { edges_.push_back({from, to}); }

  std::string ToString() const;

 private:
  std::vector<Vertex> vertices_;
  std::vector<std::pair<size_t, size_t>> edges_;
};

}  // namespace adjoint::inspect

#endif  // ADJOINT_FRAMEWORK_INSPECT_DOT_H_
