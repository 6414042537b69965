#include "framework/inspect/dot.h"

#include <gtest/gtest.h>

#include <string>

namespace adjoint::inspect {
namespace {

TEST(DotGraph, WritesVerticesInNestedFramesAndThenEdges) {
  DotGraph graph;
  const size_t a = graph.Add({.label = "a", .attributes = "shape=box"});
  const size_t b = graph.Add({.label = "b", .frame = "enc.0"});
  const size_t c = graph.Add({.label = "c", .frame = "enc.1"});
  const size_t d = graph.Add({.label = "d", .frame = "enc.0"});
  graph.Connect(a, b);
  graph.Connect(c, d);
  EXPECT_EQ(graph.ToString(), R"(digraph {
  n0 [label="a" shape=box]
  subgraph "cluster_enc" {
    label="enc"
    subgraph "cluster_enc.0" {
      label="enc.0"
      n1 [label="b"]
      n3 [label="d"]
    }
    subgraph "cluster_enc.1" {
      label="enc.1"
      n2 [label="c"]
    }
  }
  n0 -> n1
  n2 -> n3
}
)");
}

TEST(DotGraph, EscapesWhatWouldEndAString) {
  DotGraph graph;
  graph.Add({.label = "say \"x\"\nC:\\", .frame = "\"f"});
  EXPECT_EQ(graph.ToString(), R"(digraph {
  subgraph "cluster_\"f" {
    label="\"f"
    n0 [label="say \"x\"\nC:\\"]
  }
}
)");
}

TEST(DotGraph, OfNothingIsAGraph) {
  EXPECT_EQ(DotGraph().ToString(), "digraph {\n}\n");
}

}  // namespace
}  // namespace adjoint::inspect
