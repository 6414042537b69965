#include "framework/optim/clip.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "framework/base/parallel_for.h"
#include "framework/core/random.h"
#include "tests/optim/options.h"
#include "tests/optim/weight.h"

namespace adjoint::optim {
namespace {

Gradients Of(const std::vector<Tensor>& tensors) {
  Gradients::Items items;
  for (const Tensor& t : tensors) items.push_back({nn::Parameter(t), t});
  return Gradients(items);
}

std::vector<float> Elements(const Tensor& x) {
  const auto data = x.data<float>();
  return {data.begin(), data.end()};
}

// 1 + 4 + 16 + 4 = 25, over two tensors of both dtypes.
Gradients Five() {
  return Of({FromValues({1, 2}, {1, -2}), FromValues<double>({2}, {4, 2})});
}

TEST(GlobalNorm, IsTheNormOfAllGradientsAsOneVector) {
  EXPECT_DOUBLE_EQ(GlobalNorm(Five()), 5);
  EXPECT_EQ(GlobalNorm(Gradients()), 0);
  // 1^2 + ... + n^2 = n (n + 1) (2 n + 1) / 6, beyond a chunk.
  const double n = 20'003;
  const Gradients gradients = Of({Arange(20'004)});
  EXPECT_NEAR(GlobalNorm(gradients), std::sqrt(n * (n + 1) * (2 * n + 1) / 6),
              1e-6);
}

TEST(GlobalNorm, SquaresBeyondTheRangeOfF32) {
  EXPECT_NEAR(GlobalNorm(Of({FromValues({2}, {3e30, 4e30})})) / 5e30, 1, 1e-7);
}

TEST(GlobalNorm, IsBitwiseEqualForAnyNumberOfThreads) {
  Rng rng(1);
  const Gradients gradients = Of({RandomNormal({300'001}, 0, 1, rng)});
  SetNumThreads(1);
  const double expected = GlobalNorm(gradients);
  const Tensor clipped = ClipByNorm(gradients, 1).gradients.items()[0].gradient;
  for (int threads : {2, 3, 4, 8}) {
    SetNumThreads(threads);
    EXPECT_EQ(GlobalNorm(gradients), expected) << threads;
    const Tensor again = ClipByNorm(gradients, 1).gradients.items()[0].gradient;
    EXPECT_EQ(Elements(again), Elements(clipped)) << threads;
  }
  SetNumThreads(0);
}

TEST(AllFinite, SeesOneInfinityOrNanAnywhere) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  for (DType dtype : {DType::kF32, DType::kF64}) {
    // Beyond a chunk, and no multiple of any vector.
    for (int64_t size : {1, 7, 300'001}) {
      const double largest = dtype == DType::kF32
                                 ? std::numeric_limits<float>::max()
                                 : std::numeric_limits<double>::max();
      for (double good : {0.0, -0.0, 1e-310, largest, -largest}) {
        EXPECT_TRUE(AllFinite(Of({Full({size}, good, dtype), Ones({2})})));
      }
      for (double bad : {kInfinity, -kInfinity, double{NAN}, -double{NAN}}) {
        for (int64_t at : {int64_t{0}, size / 2, size - 1}) {
          const nn::Parameter x(Zeros({size}, dtype));
          VisitFloat(dtype, [&](auto zero) {
            using T = decltype(zero);
            x.MutableData<T>()[at] = static_cast<T>(bad);
          });
          EXPECT_FALSE(AllFinite(Of({Ones({2}), x.value().Detach()})))
              << bad << " at " << at;
        }
      }
    }
  }
  EXPECT_TRUE(AllFinite(Gradients()));
}

TEST(ClipFactor, IsOneUnlessTheNormIsFiniteAndTooLarge) {
  EXPECT_EQ(ClipFactor(5, 2.5), 0.5);
  EXPECT_EQ(ClipFactor(5, 0), 0);
  for (double norm : {0.0, 2.0, 2.5, double{INFINITY}, double{NAN}}) {
    EXPECT_EQ(ClipFactor(norm, 2.5), 1) << norm;
  }
}

TEST(ClipByNorm, ScalesAllGradientsByTheSameFactor) {
  const Gradients gradients = Five();
  const ClippedGradients clipped = ClipByNorm(gradients, 2.5);
  EXPECT_DOUBLE_EQ(clipped.norm, 5);
  EXPECT_NEAR(GlobalNorm(clipped.gradients), 2.5, 1e-12);
  const auto& items = clipped.gradients.items();
  ASSERT_EQ(items.size(), 2u);
  EXPECT_EQ(items[0].parameter, gradients.items()[0].parameter);
  EXPECT_EQ(items[0].gradient.shape(), Shape({1, 2}));
  EXPECT_EQ(Elements(items[0].gradient), (std::vector<float>{0.5, -1}));
  EXPECT_DOUBLE_EQ(items[1].gradient.data<double>()[0], 2);
  EXPECT_DOUBLE_EQ(items[1].gradient.data<double>()[1], 1);
}

TEST(ClipByNorm, LeavesSmallGradientsAndGivesZerosForZero) {
  const Gradients gradients = Five();
  for (double max_norm : {5.0, 6.0}) {
    const ClippedGradients clipped = ClipByNorm(gradients, max_norm);
    EXPECT_EQ(Elements(clipped.gradients.items()[0].gradient),
              (std::vector<float>{1, -2}));
    EXPECT_DOUBLE_EQ(clipped.norm, 5);
  }
  EXPECT_EQ(GlobalNorm(ClipByNorm(gradients, 0).gradients), 0);
  EXPECT_EQ(ClipByNorm(Of({Zeros({3})}), 0).norm, 0);
}

TEST(ClipByNorm, LeavesGradientsThatAreNotFinite) {
  const ClippedGradients inf =
      ClipByNorm(Of({FromValues({2}, {INFINITY, 3})}), 1);
  EXPECT_EQ(inf.norm, INFINITY);
  EXPECT_EQ(inf.gradients.items()[0].gradient.data<float>()[1], 3);
  EXPECT_TRUE(std::isnan(ClipByNorm(Of({FromValues({1}, {NAN})}), 1).norm));
}

TEST(ClipByValue, MovesEachElementIntoTheRange) {
  const Gradients gradients = Of({FromValues({5}, {-7, -2, 0.5, 2, INFINITY}),
                                  FromValues<double>({2}, {3, NAN})});
  const Gradients clipped = ClipByValue(gradients, 2);
  ASSERT_EQ(clipped.items().size(), 2u);
  EXPECT_EQ(clipped.items()[1].parameter, gradients.items()[1].parameter);
  EXPECT_EQ(Elements(clipped.items()[0].gradient),
            (std::vector<float>{-2, -2, 0.5, 2, 2}));
  const auto second = clipped.items()[1].gradient.data<double>();
  EXPECT_EQ(second[0], 2);
  EXPECT_TRUE(std::isnan(second[1]));
}

TEST(Clip, ThrowsForBoundsOutOfRange) {
  for (double bad : Negatives()) {
    ExpectBadOption("max_norm", [&] { ClipByNorm(Five(), bad); });
    ExpectBadOption("max_norm", [&] { ClipFactor(5, bad); });
    ExpectBadOption("max_value", [&] { ClipByValue(Five(), bad); });
  }
}

}  // namespace
}  // namespace adjoint::optim
