// What a step of one example does, where a weight's gradient is an outer
// product that nobody writes to memory.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <memory>
#include <vector>

#include "framework/core/random.h"
#include "framework/ops/matmul.h"
#include "framework/optim/adam.h"
#include "framework/optim/clip.h"
#include "framework/optim/sgd.h"
#include "tests/optim/weight.h"

namespace adjoint::optim {
namespace {

// More than a chunk, and it does not end with a row.
constexpr int64_t kRows = 301, kColumns = 499;

std::vector<double> Elements(const Tensor& x) {
  return VisitFloat(x.dtype(), [&](auto zero) {
    const auto data = x.data<decltype(zero)>();
    return std::vector<double>(data.begin(), data.end());
  });
}

// `column` times `row`, whose elements nobody has asked for.
Tensor Outer(const Tensor& column, const Tensor& row) {
  Tensor product = MatMul(column, row, {.transpose_a = true});
  EXPECT_TRUE(product.array()->is_outer());
  return product;
}

// The same as an array in memory.
Tensor InMemory(const Tensor& column, const Tensor& row) {
  const Tensor all = Outer(column, row);
  return VisitFloat(all.dtype(), [&](auto zero) {
    return FromSpan(all.shape(), all.data<decltype(zero)>());
  });
}

Gradients Of(const nn::Parameter& w, const Tensor& gradient) {
  Gradients::Items items;
  items.push_back({w, gradient});
  return Gradients(std::move(items));
}

// The weights after three steps by the same gradients, as outer products and
// as arrays in memory, are `compare`d.
template <class Compare>
void StepBothWays(
    const std::function<std::unique_ptr<Optimizer>()>& make_optimizer,
    double factor, Compare compare) {
  for (const DType dtype : {DType::kF32, DType::kF64}) {
    SCOPED_TRACE(Name(dtype));
    Rng rng(1);
    const Tensor start = RandomNormal({kRows, kColumns}, 0, 1, rng, dtype);
    const Weight with_outer(start), in_memory(start);
    const auto a = make_optimizer(), b = make_optimizer();
    for (int step = 0; step < 3; ++step) {
      const Tensor dy = RandomNormal({1, kRows}, 0, 1, rng, dtype);
      const Tensor x = RandomNormal({1, kColumns}, 0, 1, rng, dtype);
      a->Step(with_outer, Of(with_outer.w, Outer(dy, x)),
              {.gradient_factor = factor});
      b->Step(in_memory, Of(in_memory.w, InMemory(dy, x)),
              {.gradient_factor = factor});
    }
    EXPECT_NE(Elements(with_outer.w), Elements(start));
    compare(Elements(with_outer.w), Elements(in_memory.w),
            dtype == DType::kF32 ? 1e-5 : 1e-14);
  }
}

TEST(SingleExample, StepsAsTheSameGradientInMemoryBitForBit) {
  const auto expect_equal = [](const std::vector<double>& a,
                               const std::vector<double>& b,
                               double) { EXPECT_EQ(a, b); };
  StepBothWays(
      [] { return std::make_unique<Sgd>(SgdOptions{.learning_rate = 0.1}); }, 1,
      expect_equal);
  StepBothWays([] { return std::make_unique<Adam>(); }, 1, expect_equal);
}

// With a factor or weight decay the two round differently.
TEST(SingleExample, ScaledOrDecayedStepsAsTheSameGradientInMemory) {
  const auto expect_near = [](const std::vector<double>& a,
                              const std::vector<double>& b, double bound) {
    EXPECT_THAT(a, testing::Pointwise(testing::DoubleNear(bound), b));
  };
  const auto make_sgd = [] {
    return std::make_unique<Sgd>(SgdOptions{
        .learning_rate = 0.1, .momentum = 0.9, .weight_decay = 0.01});
  };
  const auto make_adam = [] { return std::make_unique<Adam>(); };
  StepBothWays(make_sgd, 1, expect_near);
  StepBothWays(make_sgd, 0.3, expect_near);
  StepBothWays(make_adam, 0.3, expect_near);
}

TEST(SingleExample, GradientIsAsLongAsTheSameInMemory) {
  for (const DType dtype : {DType::kF32, DType::kF64}) {
    Rng rng(2);
    const Tensor dy = RandomNormal({1, kRows}, 0, 1, rng, dtype);
    const Tensor x = RandomNormal({1, kColumns}, 0, 1, rng, dtype);
    const Weight w(InMemory(dy, x));
    const double norm = GlobalNorm(Of(w.w, Outer(dy, x)));
    // Rounded, each element is off by up to half a unit in its last place.
    EXPECT_NEAR(norm / GlobalNorm(Of(w.w, w.w)), 1,
                dtype == DType::kF32 ? 1e-8 : 1e-14);
    double dy_squared = 0, x_squared = 0;
    for (const double v : Elements(dy)) dy_squared += v * v;
    for (const double v : Elements(x)) x_squared += v * v;
    EXPECT_NEAR(norm / std::sqrt(dy_squared * x_squared), 1, 1e-14);
  }
}

TEST(SingleExample, GradientHasALengthWhereItsVectorsHaveNone) {
  const Tensor column = Full({1, kRows}, 1e200, DType::kF64);
  const Tensor row = Full({1, kColumns}, 1e-200, DType::kF64);
  const Weight w(InMemory(column, row));
  EXPECT_NEAR(GlobalNorm(Of(w.w, Outer(column, row))),
              std::sqrt(kRows * kColumns), 1e-9);
}

TEST(SingleExample, GradientTooLargeForItsTypeIsInfinitelyLong) {
  const Tensor column = Full({1, kRows}, 1e20), row = Full({1, kColumns}, 1e19);
  const Weight w(InMemory(column, row));
  EXPECT_EQ(GlobalNorm(Of(w.w, Outer(column, row))),
            std::numeric_limits<double>::infinity());
  const Tensor nan = Full({1, kRows}, std::nan(""));
  EXPECT_TRUE(std::isnan(GlobalNorm(Of(w.w, Outer(nan, row)))));
}

TEST(SingleExample, GradientIsFiniteIfAllItsElementsAre) {
  constexpr float kInf = std::numeric_limits<float>::infinity();
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  const auto all_finite = [](float in_dy, float elsewhere_in_dy, float in_x) {
    std::vector<float> dy(kRows, elsewhere_in_dy), x(kColumns, 0.0F);
    dy[kRows / 2] = in_dy;
    x[kColumns - 1] = in_x;
    const Tensor column = FromSpan<float>({1, kRows}, dy);
    const Tensor row = FromSpan<float>({1, kColumns}, x);
    const Weight w(InMemory(column, row));
    const bool finite = AllFinite(Of(w.w, Outer(column, row)));
    EXPECT_EQ(finite, AllFinite(Of(w.w, w.w)));
    return finite;
  };
  EXPECT_TRUE(all_finite(3e38F, 1, 1));
  EXPECT_TRUE(all_finite(-1e19F, 1, 1e19F));
  EXPECT_FALSE(all_finite(-1e20F, 1, 1e19F));  // -1e39 is too large for f32.
  EXPECT_FALSE(all_finite(kInf, 1, 0));        // inf * 0
  EXPECT_FALSE(all_finite(0, 0, -kInf));
  EXPECT_FALSE(all_finite(kNan, 1, 1));
  EXPECT_FALSE(all_finite(0, 0, kNan));
}

}  // namespace
}  // namespace adjoint::optim
