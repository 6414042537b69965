#include "framework/inspect/graph_dot.h"

#include <cstdint>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "framework/core/scope.h"

namespace adjoint::inspect {
namespace {

constexpr absl::string_view kLeaf = "shape=box";
constexpr absl::string_view kConstant =
    "shape=box style=filled fillcolor=lightgrey";
constexpr absl::string_view kBackward = "style=filled fillcolor=orange";

// What an op or a box says: a name, if there is one, and a signature.
std::string Label(absl::string_view name, const Tensor& x) {
  return absl::StrCat(name, name.empty() ? "" : "\n", Signature(x));
}

}  // namespace

void GraphDrawing::Name(const Tensor& x, absl::string_view name) {
  names_[x.array().get()] = {x.array(), std::string(name)};
}

void GraphDrawing::OnOp(const OpEvent& event) {
  if (event.backward && !options_.backward) return;
  std::vector<size_t> inputs;
  for (const Tensor* x : event.inputs) inputs.push_back(VertexOf(*x));
  const size_t vertex =
      graph_.Add({.label = Label(event.op, event.output),
                  .attributes = event.backward ? kBackward : "",
                  .frame = Scope::Path()});
  for (size_t input : inputs) graph_.Connect(input, vertex);
  const Ref<Array>& array = event.output.array();
  values_[array.get()] = {array, vertex};
}

size_t GraphDrawing::VertexOf(const Tensor& x) {
  const auto known = values_.find(x.array().get());
  if (known != values_.end()) return known->second.vertex;
  const auto name = names_.find(x.array().get());
  const bool leaf = static_cast<bool>(x.node());
  const size_t vertex = graph_.Add(
      {.label = Label(name == names_.end() ? "" : name->second.name, x),
       .attributes = leaf ? kLeaf : kConstant,
       .frame = leaf ? Scope::Path() : ""});
  values_[x.array().get()] = {x.array(), vertex};
  return vertex;
}

std::string ToDot(const Tensor& y) {
  // A tensor of each node, by id: every node after its inputs.
  std::map<uint64_t, Tensor> found;
  std::vector<Tensor> open = {y};
  while (!open.empty()) {
    const Tensor x = std::move(open.back());
    open.pop_back();
    if (!x.node() || !found.emplace(x.node()->id(), x).second) continue;
    const absl::Span<const Tensor> inputs = x.node()->inputs();
    open.insert(open.end(), inputs.begin(), inputs.end());
  }
  DotGraph graph;
  if (!y.node()) graph.Add({.label = Label("", y), .attributes = kConstant});
  std::map<uint64_t, size_t> vertex_of;
  for (const auto& [id, x] : found) {
    const Node& node = *x.node();
    std::vector<size_t> inputs;
    for (const Tensor& input : node.inputs()) {
      inputs.push_back(input.node() ? vertex_of[input.node()->id()]
                                    : graph.Add({.label = Label("", input),
                                                 .attributes = kConstant}));
    }
    const bool leaf = node.is_leaf();
    const size_t vertex = graph.Add({.label = Label(leaf ? "" : node.name(), x),
                                     .attributes = leaf ? kLeaf : ""});
    vertex_of[id] = vertex;
    for (size_t input : inputs) graph.Connect(input, vertex);
  }
  return graph.ToString();
}

}  // namespace adjoint::inspect
