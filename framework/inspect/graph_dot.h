// Drawings of what was computed, for Graphviz.
//
//   GraphDrawing drawing;
//   for (const nn::NamedParameter& p : nn::Parameters(model)) {
//     drawing.Name(p.parameter, p.name);
//   }
//   {
//     ObserverScope observe(&drawing);
//     model(x);
//   }
//   std::ofstream("model.dot") << drawing.ToDot();  // dot -Tsvg model.dot
#ifndef ADJOINT_FRAMEWORK_INSPECT_GRAPH_DOT_H_
#define ADJOINT_FRAMEWORK_INSPECT_GRAPH_DOT_H_

#include <cstddef>
#include <map>
#include <string>

#include "absl/strings/string_view.h"
#include "framework/core/observer.h"
#include "framework/core/tensor.h"
#include "framework/inspect/dot.h"

namespace adjoint::inspect {

struct GraphDrawingOptions {
  bool backward = false;  // Whether to draw the ops that Grad makes too.
};

// Draws the ops of its scope, recorded or not: one ellipse an op, with the
// shape of its output, in the frame of the module that it ran in; those of Grad
// are orange. What was not computed within the scope is a box: a leaf, such as
// a parameter, in the frame where it was read first, or a grey constant. An
// edge leads from a value to each op that read it.
//
// It keeps all these values alive.
class GraphDrawing final : public Observer {
 public:
  explicit GraphDrawing(GraphDrawingOptions options = {}) : options_(options) {}

  // What to write into the box of `x`. Call it before x is read.
  void Name(const Tensor& x, absl::string_view name);

  void OnOp(const OpEvent& event) override;

  // The drawing so far, as a graph in DOT.
  std::string ToDot() const { return graph_.ToString(); }

 private:
  // Both hold the value, so that no other takes its address.
  struct Value {
    Ref<Array> array;
    size_t vertex;
  };
  struct Named {
    Ref<Array> array;
    std::string name;
  };
  // The vertex of an input, made if need be.
  size_t VertexOf(const Tensor& x);

  const GraphDrawingOptions options_;
  DotGraph graph_;
  std::map<const Array*, Value> values_;
  std::map<const Array*, Named> names_;
};

// Draws the recorded graph of `y`: what Grad(y, ...) would walk. Leaves are
// boxes, constants are grey. Names and modules are not in the graph.
std::string ToDot(const Tensor& y);

}  // namespace adjoint::inspect

#endif  // ADJOINT_FRAMEWORK_INSPECT_GRAPH_DOT_H_
