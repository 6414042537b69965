#include "framework/optim/accumulate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "framework/base/error.h"
#include "framework/base/parallel_for.h"
#include "framework/core/memory.h"
#include "framework/core/random.h"
#include "framework/nn/activation.h"
#include "framework/nn/linear.h"
#include "framework/nn/sequential.h"
#include "framework/ops/elementwise_loss.h"
#include "framework/ops/shape.h"
#include "framework/optim/sgd.h"
#include "tests/optim/weight.h"

namespace adjoint::optim {
namespace {

using Floats = std::vector<float>;

Floats Values(const Tensor& x) {
  return {x.data<float>().begin(), x.data<float>().end()};
}

nn::Sequential Mlp() {
  Rng rng(1);
  return nn::Sequential(nn::Linear(6, 16, rng), nn::Tanh(),
                        nn::Linear(16, 2, rng));
}

struct Examples {
  Tensor x, y;  // [32,6], [32,2]
};

Examples Draw() {
  Rng rng(2);
  return {RandomNormal({32, 6}, 0, 1, rng), RandomNormal({32, 2}, 0, 1, rng)};
}

Gradients GradientsOf(const nn::Sequential& model, const Examples& all,
                      int64_t begin, int64_t end) {
  return Grad(MeanSquaredError(model(Slice(all.x, 0, begin, end)),
                               Slice(all.y, 0, begin, end)),
              model);
}

void ExpectNear(const Gradients& got, const Gradients& want) {
  ASSERT_EQ(got.items().size(), want.items().size());
  for (size_t i = 0; i < want.items().size(); ++i) {
    EXPECT_TRUE(got.items()[i].parameter == want.items()[i].parameter);
    const Floats a = Values(got.items()[i].gradient);
    const Floats b = Values(want.items()[i].gradient);
    ASSERT_EQ(a.size(), b.size());
    for (size_t j = 0; j < a.size(); ++j) EXPECT_NEAR(a[j], b[j], 1e-6);
  }
}

TEST(Accumulator, OfMicroBatchesGivesTheGradientOfTheBatch) {
  const nn::Sequential model = Mlp();
  const Examples all = Draw();
  const Gradients want = GradientsOf(model, all, 0, 32);
  Accumulator mean;
  for (int64_t i = 0; i < 32; i += 8) {
    mean.Add(GradientsOf(model, all, i, i + 8));
  }
  ExpectNear(mean.Take(), want);
  // Batches of different sizes count by them.
  for (int64_t i = 0; i < 32; i += 12) {
    const int64_t end = std::min<int64_t>(i + 12, 32);
    mean.Add(GradientsOf(model, all, i, end), static_cast<double>(end - i));
  }
  EXPECT_EQ(mean.weight(), 32);
  ExpectNear(mean.Take(), want);
}

TEST(Accumulator, IsTheWeightedMeanAndBeginsAnewOnceTaken) {
  const Weight model(Zeros({2}));
  Accumulator mean;
  mean.Add(Gradients({{model.w, FromValues({2}, {1, 2})}}), 3);
  mean.Add(Gradients({{model.w, FromValues({2}, {5, -2})}}), 1);
  EXPECT_EQ(Values(mean.Take()[model.w]), (Floats{2, 1}));
  EXPECT_EQ(mean.weight(), 0);
  mean.Add(Gradients({{model.w, FromValues({2}, {7, 8})}}));
  EXPECT_EQ(Values(mean.Take()[model.w]), (Floats{7, 8}));
}

TEST(Accumulator, LeavesTheGradientsItWasGivenAsTheyAre) {
  // Both parameters have one and the same array as gradient.
  const Weight a(Zeros({2})), b(Zeros({2}));
  const Tensor g = FromValues({2}, {1, 2});
  Accumulator mean;
  for (int i = 0; i < 3; ++i) mean.Add(Gradients({{a.w, g}, {b.w, g}}));
  const Gradients taken = mean.Take();
  EXPECT_EQ(Values(taken[a.w]), (Floats{1, 2}));
  EXPECT_EQ(Values(taken[b.w]), (Floats{1, 2}));
  EXPECT_EQ(Values(g), (Floats{1, 2}));
}

TEST(Accumulator, IsBitwiseEqualForAnyNumberOfThreads) {
  const Weight model(Zeros({100'001}));
  Rng rng(3);
  const Tensor g = RandomNormal({100'001}, 0, 1, rng);
  const Tensor h = RandomNormal({100'001}, 0, 1, rng);
  Floats want;
  for (int threads : {1, 2, 3, 8}) {
    SetNumThreads(threads);
    Accumulator mean;
    mean.Add(Gradients({{model.w, g}}), 0.3);
    mean.Add(Gradients({{model.w, h}}), 0.5);
    const Floats got = Values(mean.Take()[model.w]);
    if (want.empty()) want = got;
    EXPECT_EQ(got, want) << threads;
  }
  SetNumThreads(0);
}

TEST(Accumulator, AllocatesNothingFromTheSystemOnceWarm) {
  const nn::Sequential model = Mlp();
  const Examples all = Draw();
  Accumulator mean;
  Sgd sgd({.learning_rate = 0.01});
  const auto step = [&] {
    for (int64_t i = 0; i < 32; i += 8) {
      mean.Add(GradientsOf(model, all, i, i + 8));
    }
    sgd.Step(model, mean.Take());
  };
  for (int i = 0; i < 3; ++i) step();
  const int64_t before = GetMemoryStats().system_allocations;
  for (int i = 0; i < 10; ++i) step();
  EXPECT_EQ(GetMemoryStats().system_allocations, before);
}

TEST(Accumulator, ThrowsForMisuse) {
  const Weight a(Zeros({2})), b(Zeros({2}));
  const Tensor g = Ones({2});
  Accumulator mean;
  EXPECT_THROW(mean.Take(), ValueError);
  for (double bad :
       {0.0, -1.0, std::nan(""), std::numeric_limits<double>::infinity()}) {
    EXPECT_THROW(mean.Add(Gradients({{a.w, g}}), bad), ValueError);
  }
  mean.Add(Gradients({{a.w, g}}));
  EXPECT_THROW(mean.Add(Gradients({{b.w, g}})), ValueError);
  EXPECT_THROW(mean.Add(Gradients({{a.w, g}, {b.w, g}})), ValueError);
  // What failed added nothing.
  EXPECT_EQ(Values(mean.Take()[a.w]), (Floats{1, 1}));
}

}  // namespace
}  // namespace adjoint::optim
