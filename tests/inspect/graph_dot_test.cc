#include "framework/inspect/graph_dot.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/match.h"
#include "framework/autograd/grad.h"
#include "framework/nn/activation.h"
#include "framework/nn/linear.h"
#include "framework/nn/module.h"
#include "framework/nn/sequential.h"
#include "framework/ops/arithmetic.h"
#include "framework/ops/elementwise.h"
#include "framework/ops/reduce.h"

namespace adjoint::inspect {
namespace {

nn::Sequential Mlp() {
  Rng rng(1);
  return nn::Sequential(nn::Linear(3, 2, rng), nn::Tanh());
}

TEST(GraphDrawing, FramesOpsByModuleAndBoxesWhatTheyRead) {
  const nn::Sequential mlp = Mlp();
  GraphDrawing drawing;
  for (const nn::NamedParameter& p : nn::Parameters(mlp)) {
    drawing.Name(p.parameter, p.name);
  }
  {
    const ObserverScope observe(&drawing);
    const Tensor h = mlp(Ones({4, 3}));
    Exp(h * h);
  }
  EXPECT_EQ(drawing.ToDot(), R"(digraph {
  n0 [label="f32 [4,3]" shape=box style=filled fillcolor=lightgrey]
  n5 [label="mul\nf32 [4,2]"]
  n6 [label="exp\nf32 [4,2]"]
  subgraph "cluster_0" {
    label="0"
    n1 [label="0.weight\nf32 [2,3]" shape=box]
    n2 [label="0.bias\nf32 [2]" shape=box]
    n3 [label="linear\nf32 [4,2]"]
  }
  subgraph "cluster_1" {
    label="1"
    n4 [label="tanh\nf32 [4,2]"]
  }
  n0 -> n3
  n1 -> n3
  n2 -> n3
  n3 -> n4
  n4 -> n5
  n4 -> n5
  n5 -> n6
}
)");
}

TEST(GraphDrawing, DrawsBackwardOnlyIfAsked) {
  const Tensor x = Leaf(Ones({2}));
  for (bool backward : {false, true}) {
    GraphDrawing drawing({.backward = backward});
    const ObserverScope observe(&drawing);
    Grad(Sum(Exp(x)), {x});
    EXPECT_EQ(absl::StrContains(drawing.ToDot(), "orange"), backward);
    EXPECT_TRUE(absl::StrContains(drawing.ToDot(), "label=\"exp\\n"));
  }
}

TEST(GraphDrawing, IsNotMisledByMemoryThatIsUsedAgain) {
  GraphDrawing drawing;
  const ObserverScope observe(&drawing);
  for (int i = 0; i < 3; ++i) Exp(Ones({5}));
  EXPECT_EQ(drawing.ToDot(), R"(digraph {
  n0 [label="f32 [5]" shape=box style=filled fillcolor=lightgrey]
  n1 [label="exp\nf32 [5]"]
  n2 [label="f32 [5]" shape=box style=filled fillcolor=lightgrey]
  n3 [label="exp\nf32 [5]"]
  n4 [label="f32 [5]" shape=box style=filled fillcolor=lightgrey]
  n5 [label="exp\nf32 [5]"]
  n0 -> n1
  n2 -> n3
  n4 -> n5
}
)");
}

TEST(ToDot, DrawsTheRecordedGraphOfATensor) {
  const Tensor x = Leaf(FromValues<double>({2}, {1, 2}));
  const Tensor y = -(Exp(x) * x + Ones({2}, DType::kF64));
  EXPECT_EQ(ToDot(y), R"(digraph {
  n0 [label="f64 [2]" shape=box]
  n1 [label="exp\nf64 [2]"]
  n2 [label="mul\nf64 [2]"]
  n3 [label="f64 [2]" shape=box style=filled fillcolor=lightgrey]
  n4 [label="add\nf64 [2]"]
  n5 [label="neg\nf64 [2]"]
  n0 -> n1
  n1 -> n2
  n0 -> n2
  n2 -> n4
  n3 -> n4
  n4 -> n5
}
)");
}

TEST(ToDot, OfAConstantIsABox) {
  EXPECT_EQ(ToDot(Ones({3})),
            "digraph {\n"
            "  n0 [label=\"f32 [3]\" shape=box style=filled "
            "fillcolor=lightgrey]\n"
            "}\n");
}

TEST(ToDot, OfADeepGraphDoesNotRecurse) {
  Tensor y = Leaf(Ones({}));
  for (int i = 0; i < 100'000; ++i) y = -y;
  EXPECT_TRUE(absl::StrContains(ToDot(y), "n99999 -> n100000"));
}

}  // namespace
}  // namespace adjoint::inspect
