// What a step does where a weight's gradient is a product that nobody writes to
// memory: an outer product if there is a single example.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <memory>
#include <thread>
#include <vector>

#include "framework/base/parallel_for.h"
#include "framework/core/array.h"
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

// dy' x, whose elements nobody has asked for, for as many examples as both have
// rows.
Tensor Product(const Tensor& dy, const Tensor& x) {
  Tensor product = MatMul(dy, x, {.transpose_a = true});
  EXPECT_TRUE(product.array()->is_pending());
  EXPECT_EQ(product.array()->is_outer(), dy.shape()[0] == 1);
  return product;
}

// The same as an array in memory.
Tensor InMemory(const Tensor& dy, const Tensor& x) {
  const Tensor all = Product(dy, x);
  return VisitFloat(all.dtype(), [&](auto zero) {
    return FromSpan(all.shape(), all.data<decltype(zero)>());
  });
}

Gradients Of(const nn::Parameter& w, const Tensor& gradient) {
  Gradients::Items items;
  items.push_back({w, gradient});
  return Gradients(std::move(items));
}

// The weights after three steps by the same gradients of so many examples, as
// products and as arrays in memory, are `compare`d.
template <class Compare>
void StepBothWays(
    int64_t examples,
    const std::function<std::unique_ptr<Optimizer>()>& make_optimizer,
    double factor, Compare compare) {
  SCOPED_TRACE(examples);
  for (const DType dtype : {DType::kF32, DType::kF64}) {
    SCOPED_TRACE(Name(dtype));
    Rng rng(1);
    const Tensor start = RandomNormal({kRows, kColumns}, 0, 1, rng, dtype);
    const Weight with_product(start), in_memory(start);
    const auto a = make_optimizer(), b = make_optimizer();
    for (int step = 0; step < 3; ++step) {
      const Tensor dy = RandomNormal({examples, kRows}, 0, 1, rng, dtype);
      const Tensor x = RandomNormal({examples, kColumns}, 0, 1, rng, dtype);
      a->Step(with_product, Of(with_product.w, Product(dy, x)),
              {.gradient_factor = factor});
      b->Step(in_memory, Of(in_memory.w, InMemory(dy, x)),
              {.gradient_factor = factor});
    }
    EXPECT_NE(Elements(with_product.w), Elements(start));
    compare(Elements(with_product.w), Elements(in_memory.w),
            dtype == DType::kF32 ? 1e-5 : 1e-14);
  }
}

TEST(ProductGradient, StepsAsTheSameInMemoryBitForBit) {
  const auto expect_equal = [](const std::vector<double>& a,
                               const std::vector<double>& b,
                               double) { EXPECT_EQ(a, b); };
  const auto make_sgd = [] {
    return std::make_unique<Sgd>(SgdOptions{.learning_rate = 0.1});
  };
  for (const int64_t examples : {2, 32, 129, 512}) {
    StepBothWays(examples, make_sgd, 1, expect_equal);
  }
  for (const int64_t examples : {1, 32}) {
    StepBothWays(
        examples, [] { return std::make_unique<Adam>(); }, 1, expect_equal);
  }
}

// Threads take other stretches of the product than of the weights.
TEST(ProductGradient, StepsTheSameOnAnyNumberOfThreads) {
  const auto step = [](int threads) {
    SetNumThreads(threads);
    Rng rng(3);
    const Weight w(RandomNormal({kRows, kColumns}, 0, 1, rng));
    const Tensor dy = RandomNormal({100, kRows}, 0, 1, rng);
    const Tensor x = RandomNormal({100, kColumns}, 0, 1, rng);
    Sgd(SgdOptions{.learning_rate = 0.1}).Step(w, Of(w.w, Product(dy, x)));
    SetNumThreads(0);
    return Elements(w.w);
  };
  const std::vector<double> expected = step(1);
  EXPECT_EQ(step(2), expected);
  EXPECT_EQ(step(5), expected);
}

// Whether two threads share what a product's elements are computed by.
std::atomic<int> arrived = 0;
std::atomic<bool> met = false;

void MultiplyByTwoThreads(const Array& a, const Array& b, void* elements) {
  std::memset(elements, 0, 4 * a.shape()[1] * b.shape()[1]);
  ParallelFor(2, 1, [](int64_t, int64_t) {
    const auto deadline =
        std::chrono::steady_clock::now() + std::chrono::seconds(10);
    ++arrived;
    while (arrived < 2 && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::yield();
    }
    if (arrived == 2) met = true;
  });
}

// Two examples, for a rule that needs the elements in memory: they are computed
// once, and not by one of the threads that share the rule's work.
TEST(ProductGradient, IsMultipliedByAllThreadsBeforeARuleReadsIt) {
  SetNumThreads(NumThreads() + 1);  // More than processors: all work.
  const Tensor a = Zeros({2, kRows}), b = Zeros({2, kColumns});
  const Tensor gradient(
      Array::Product(a.array(), b.array(), &MultiplyByTwoThreads));
  const Weight w(Zeros({kRows, kColumns}));
  Sgd(SgdOptions{.momentum = 0.9}).Step(w, Of(w.w, gradient));
  SetNumThreads(0);
  EXPECT_EQ(arrived, 2);
  EXPECT_TRUE(met);
}

// A model may hold on to the weights that the step is about to change.
TEST(ProductGradient, MayHaveTheWeightsThemselvesForAFactor) {
  Rng rng(4);
  const Tensor start = RandomNormal({40, 40}, 0, 1, rng);
  const Tensor dy = RandomNormal({40, 40}, 0, 1, rng);
  const Weight w(start), in_memory(start);
  Sgd sgd(SgdOptions{.learning_rate = 0.1});
  sgd.Step(w, Of(w.w, Product(w.w, dy)));
  sgd.Step(in_memory, Of(in_memory.w, InMemory(start, dy)));
  EXPECT_EQ(Elements(w.w), Elements(in_memory.w));
}

// For one example the two round differently with a factor or weight decay, and
// without where the compiler does not fuse products and sums.
TEST(ProductGradient, ScaledOrDecayedStepsAsTheSameInMemory) {
  const auto expect_near = [](const std::vector<double>& a,
                              const std::vector<double>& b, double bound) {
    EXPECT_THAT(a, testing::Pointwise(testing::DoubleNear(bound), b));
  };
  const auto make_sgd = [] {
    return std::make_unique<Sgd>(SgdOptions{
        .learning_rate = 0.1, .momentum = 0.9, .weight_decay = 0.01});
  };
  const auto make_adam = [] { return std::make_unique<Adam>(); };
  const auto make_plain = [] {
    return std::make_unique<Sgd>(SgdOptions{.learning_rate = 0.1});
  };
  for (const int64_t examples : {1, 7}) {
    StepBothWays(examples, make_plain, 1, expect_near);
    StepBothWays(examples, make_plain, 0.3, expect_near);
    StepBothWays(examples, make_sgd, 1, expect_near);
    StepBothWays(examples, make_sgd, 0.3, expect_near);
    StepBothWays(examples, make_adam, 0.3, expect_near);
  }
}

TEST(ProductGradient, OfOneExampleIsAsLongAsTheSameInMemory) {
  for (const DType dtype : {DType::kF32, DType::kF64}) {
    Rng rng(2);
    const Tensor dy = RandomNormal({1, kRows}, 0, 1, rng, dtype);
    const Tensor x = RandomNormal({1, kColumns}, 0, 1, rng, dtype);
    const Weight w(InMemory(dy, x));
    const double norm = GlobalNorm(Of(w.w, Product(dy, x)));
    // Rounded, each element is off by up to half a unit in its last place.
    EXPECT_NEAR(norm / GlobalNorm(Of(w.w, w.w)), 1,
                dtype == DType::kF32 ? 1e-8 : 1e-14);
    double dy_squared = 0, x_squared = 0;
    for (const double v : Elements(dy)) dy_squared += v * v;
    for (const double v : Elements(x)) x_squared += v * v;
    EXPECT_NEAR(norm / std::sqrt(dy_squared * x_squared), 1, 1e-14);
  }
}

TEST(ProductGradient, HasALengthWhereItsVectorsHaveNone) {
  const Tensor column = Full({1, kRows}, 1e200, DType::kF64);
  const Tensor row = Full({1, kColumns}, 1e-200, DType::kF64);
  const Weight w(InMemory(column, row));
  EXPECT_NEAR(GlobalNorm(Of(w.w, Product(column, row))),
              std::sqrt(kRows * kColumns), 1e-9);
}

TEST(ProductGradient, TooLargeForItsTypeIsInfinitelyLong) {
  const Tensor column = Full({1, kRows}, 1e20), row = Full({1, kColumns}, 1e19);
  const Weight w(InMemory(column, row));
  EXPECT_EQ(GlobalNorm(Of(w.w, Product(column, row))),
            std::numeric_limits<double>::infinity());
  const Tensor nan = Full({1, kRows}, std::nan(""));
  EXPECT_TRUE(std::isnan(GlobalNorm(Of(w.w, Product(nan, row)))));
}

TEST(ProductGradient, OfOneExampleIsFiniteIfAllItsElementsAre) {
  constexpr float kInf = std::numeric_limits<float>::infinity();
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  const auto all_finite = [](float in_dy, float elsewhere_in_dy, float in_x) {
    std::vector<float> dy(kRows, elsewhere_in_dy), x(kColumns, 0.0F);
    dy[kRows / 2] = in_dy;
    x[kColumns - 1] = in_x;
    const Tensor column = FromSpan<float>({1, kRows}, dy);
    const Tensor row = FromSpan<float>({1, kColumns}, x);
    const Weight w(InMemory(column, row));
    const bool finite = AllFinite(Of(w.w, Product(column, row)));
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

TEST(ProductGradient, OfSeveralExamplesIsFiniteIfAllItsElementsAre) {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  const auto all_finite = [](float in_dy, float in_x) {
    std::vector<float> dy(2 * kRows, 1), x(2 * kColumns, 0.5F);
    dy[kRows + 3] = in_dy;
    x[kColumns + 4] = in_x;
    const Tensor a = FromSpan<float>({2, kRows}, dy);
    const Tensor b = FromSpan<float>({2, kColumns}, x);
    const Weight w(InMemory(a, b));
    const Tensor product = Product(a, b);
    const bool finite = AllFinite(Of(w.w, product));
    EXPECT_EQ(finite, AllFinite(Of(w.w, w.w)));
    // Whether anybody had to look.
    EXPECT_EQ(product.array()->is_pending(), in_dy == 1 && in_x == 1);
    return finite;
  };
  EXPECT_TRUE(all_finite(1, 1));
  EXPECT_TRUE(all_finite(3e38F, 0.9F));  // 2 * 2 * 3e38 is beyond f32.
  EXPECT_FALSE(all_finite(3e38F, 1.5F));
  EXPECT_FALSE(all_finite(kNan, 1));
  EXPECT_FALSE(all_finite(1, kNan));
}

}  // namespace
}  // namespace adjoint::optim
