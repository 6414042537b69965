#include "framework/inspect/dot.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/types/span.h"

namespace adjoint::inspect {
namespace {

std::string DotString(absl::string_view text) {
  return absl::StrCat(
      "\"",
      absl::StrReplaceAll(text,
                          {{"\\", "\\\\"}, {"\"", "\\\""}, {"\n", "\\n"}}),
      "\"");
}

// A frame with what is drawn in it.
struct Frame {
  std::string path, name;
  std::vector<size_t> vertices;
  std::vector<Frame> inner;

  // The frame of this path, made if need be.
  Frame& At(absl::string_view wanted) {
    Frame* frame = this;
    if (wanted.empty()) return *frame;
    for (absl::string_view step : absl::StrSplit(wanted, '.')) {
      frame = &frame->Inner(step);
    }
    return *frame;
  }

  Frame& Inner(absl::string_view step) {
    for (Frame& frame : inner) {
      if (frame.name == step) return frame;
    }
    return inner.emplace_back(
        Frame{absl::StrCat(path, path.empty() ? "" : ".", step),
              std::string(step),
              {},
              {}});
  }
};

void Write(const Frame& frame, absl::Span<const DotGraph::Vertex> vertices,
           const std::string& indent, std::string* out) {
  for (size_t i : frame.vertices) {
    const DotGraph::Vertex& v = vertices[i];
    absl::StrAppend(out, indent, "n", i, " [label=", DotString(v.label),
                    v.attributes.empty() ? "" : " ", v.attributes, "]\n");
  }
  for (const Frame& inner : frame.inner) {
    absl::StrAppend(out, indent, "subgraph ",
                    DotString("cluster_" + inner.path), " {\n", indent,
                    "  label=", DotString(inner.path), "\n");
    Write(inner, vertices, indent + "  ", out);
    absl::StrAppend(out, indent, "}\n");
  }
}

}  // namespace

size_t DotGraph::Add(Vertex vertex) {
  vertices_.push_back(std::move(vertex));
  return vertices_.size() - 1;
}

std::string DotGraph::ToString() const {
  Frame all;
  for (size_t i = 0; i < vertices_.size(); ++i) {
    all.At(vertices_[i].frame).vertices.push_back(i);
  }
  std::string out = "digraph {\n";
  Write(all, vertices_, "  ", &out);
  for (const auto& [from, to] : edges_) {
    absl::StrAppend(&out, "  n", from, " -> n", to, "\n");
  }
  return out + "}\n";
}

}  // namespace adjoint::inspect
