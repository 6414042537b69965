#include "framework/data/augment.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "framework/base/error.h"
#include "framework/base/parallel_for.h"
#include "framework/base/rng.h"
#include "framework/core/random.h"
#include "framework/core/tensor.h"
#include "framework/data/mixup.h"
#include "framework/ops/loss.h"
#include "tests/data/error_of.h"

namespace adjoint::data {
namespace {

std::vector<float> Values(const Tensor& x) {
  return {x.data<float>().begin(), x.data<float>().end()};
}

// n pictures of noise, flat or with channels.
TensorDataset Pictures(int64_t n, const Shape& picture) {
  Rng rng(1);
  std::vector<int32_t> labels;
  for (int64_t i = 0; i < n; ++i) labels.push_back(static_cast<int32_t>(i % 3));
  return TensorDataset(RandomUniform({n, picture.size()}, 0, 1, rng),
                       FromSpan<int32_t>({n}, labels), {.picture = picture});
}

TEST(Augment, WithoutOptionsChangesNothing) {
  const TensorDataset set = Pictures(3, {5, 7});
  EXPECT_EQ(Values(All(Augment(set, {})).x), Values(All(set).x));
}

// One white pixel in the middle of 9 x 9: where its light goes, and how much.
struct Spot {
  double sum = 0, row = 0, col = 0;
};
Spot Find(const float* x, int64_t side) {
  Spot spot;
  for (int64_t i = 0; i < side * side; ++i) {
    spot.sum += x[i];
    spot.row += x[i] * (i / side);
    spot.col += x[i] * (i % side);
  }
  spot.row /= spot.sum;
  spot.col /= spot.sum;
  return spot;
}

TEST(Augment, ShiftsWithinItsBoundsAndKeepsTheLight) {
  std::vector<float> x(81);
  x[40] = 1;
  const TensorDataset set(FromSpan<float>({1, 81}, x), Zeros({1}),
                          {.picture = {9, 9}});
  const Augment shifted(set, {.shift = 2, .seed = 3});
  double low = 9, high = 0, mean = 0;
  for (int64_t epoch = 0; epoch < 400; ++epoch) {
    const Batch batch = shifted.GatherInEpoch({0}, epoch);
    const Spot spot = Find(batch.x.data<float>().data(), 9);
    EXPECT_NEAR(spot.sum, 1, 1e-5);  // Bilinear weights sum to 1.
    low = std::min(low, spot.row);
    high = std::max(high, spot.col);
    mean += spot.row / 400;
  }
  EXPECT_GE(low, 2 - 1e-5);
  EXPECT_LT(low, 2.1);
  EXPECT_LE(high, 6 + 1e-5);
  EXPECT_GT(high, 5.9);
  EXPECT_NEAR(mean, 4, 0.3);  // 5 of 4 / sqrt(12 * 400).
}

TEST(Augment, RotationKeepsTheCentreAndTheDistanceFromIt) {
  std::vector<float> x(2 * 441);
  x[10 * 21 + 10] = 1;        // The centre of 21 x 21.
  x[441 + 10 * 21 + 17] = 1;  // 7 to the right of it.
  const TensorDataset set(FromSpan<float>({2, 441}, x), Zeros({2}),
                          {.picture = {21, 21}});
  const Augment turned(set, {.rotate = 30, .seed = 3});
  double largest = 0;
  for (int64_t epoch = 0; epoch < 200; ++epoch) {
    const Batch batch = turned.GatherInEpoch({0, 1}, epoch);
    const float* p = batch.x.data<float>().data();
    EXPECT_NEAR(p[220], 1, 1e-5);
    const Spot spot = Find(p + 441, 21);
    EXPECT_NEAR(std::hypot(spot.row - 10, spot.col - 10), 7, 0.3);
    largest = std::max(largest, std::atan2(spot.row - 10, spot.col - 10));
  }
  EXPECT_NEAR(largest, 30 * 3.14159265 / 180, 0.06);
}

TEST(Augment, CutsOutASquareOfBlack) {
  const TensorDataset set(Ones({1, 300}), Zeros({1}),
                          {.picture = {3, 10, 10}, .black = -2});
  const Augment cut(set, {.cutout = 4, .seed = 1});
  int whole = 0;
  for (int64_t epoch = 0; epoch < 100; ++epoch) {
    const std::vector<float> x = Values(cut.GatherInEpoch({0}, epoch).x);
    int black = 0;
    for (int i = 0; i < 100; ++i) {
      black += x[i] == -2;
      ASSERT_EQ(x[i], x[i + 100]);
      ASSERT_EQ(x[i], x[i + 200]);
    }
    EXPECT_GE(black, 4);  // The centre is inside.
    EXPECT_LE(black, 16);
    whole += black == 16;
  }
  EXPECT_GT(whole, 20);  // 49 of 100 centres keep it inside.
}

// Smoothed noise of 34 and 4 pixels moves a pixel far from the border by
// 34 / sqrt(3) / (2 * 4 * sqrt(pi)) = 1.38 in the root mean square: on a ramp,
// bilinear resampling shows the very displacement.
TEST(Augment, ElasticMovesAsSimardsParametersSay) {
  constexpr int64_t kSide = 41;
  std::vector<float> ramp;
  for (int64_t i = 0; i < kSide * kSide; ++i) ramp.push_back(i % kSide);
  const TensorDataset set(FromSpan<float>({1, kSide * kSide}, ramp), Zeros({1}),
                          {.picture = {kSide, kSide}});
  const Augment bent(set, {.elastic = 34, .smoothness = 4, .seed = 5});
  double squares = 0;
  for (int64_t epoch = 0; epoch < 300; ++epoch) {
    const Batch batch = bent.GatherInEpoch({0}, epoch);
    const double moved =
        batch.x.data<float>()[20 * kSide + 20] - ramp[20 * kSide + 20];
    squares += moved * moved / 300;
  }
  EXPECT_NEAR(std::sqrt(squares), 1.38, 0.25);
}

TEST(Augment, IsAFunctionOfSeedEpochAndRow) {
  const AugmentOptions all = {.shift = 2,
                              .rotate = 20,
                              .scale = 0.2,
                              .elastic = 34,
                              .cutout = 3,
                              .seed = 9};
  const TensorDataset set = Pictures(40, {12, 10});
  const Augment augment(set, all);
  std::vector<int64_t> rows;
  for (int64_t i = 0; i < 40; ++i) rows.push_back(39 - i);
  const std::vector<float> x = Values(augment.GatherInEpoch(rows, 2).x);
  for (int threads : {1, 4}) {
    SetNumThreads(threads);
    EXPECT_EQ(Values(augment.GatherInEpoch(rows, 2).x), x);
    // Alone as among others.
    EXPECT_EQ(Values(augment.GatherInEpoch({39 - 7}, 2).x),
              std::vector<float>(x.begin() + 7 * 120, x.begin() + 8 * 120));
  }
  SetNumThreads(0);
  EXPECT_NE(Values(augment.GatherInEpoch(rows, 3).x), x);
  AugmentOptions other = all;
  other.seed = 10;
  EXPECT_NE(Values(Augment(set, other).GatherInEpoch(rows, 2).x), x);
}

TEST(Augment, LeavesThePlainEpochAsItIs) {
  const TensorDataset set = Pictures(3, {12, 10});
  const Augment augment(set, {.shift = 2, .rotate = 20, .cutout = 3});
  ASSERT_NE(Values(All(augment).x), Values(All(set).x));
  EXPECT_EQ(Values(augment.GatherInEpoch({2, 0}, kPlain).x),
            Values(set.Gather({2, 0}).x));
}

TEST(Augment, RejectsWhatIsNoPictureAndOptionsOutOfRange) {
  const TensorDataset numbers(Zeros({2, 4}), Zeros({2}));
  EXPECT_EQ(ErrorOf<ShapeError>([&] { Augment(numbers, {}); }),
            "Augment: the examples are no pictures");
  const TensorDataset wrong(Zeros({2, 4}), Zeros({2}), {.picture = {2, 3}});
  EXPECT_EQ(ErrorOf<ShapeError>([&] { All(Augment(wrong, {})); }),
            "Augment: f32 [2,4] is not pictures [2,3]");
  const TensorDataset set = Pictures(2, {2, 2});
  EXPECT_THROW(Augment(set, {.shift = -1}), ValueError);
  EXPECT_THROW(Augment(set, {.rotate = std::nan("")}), ValueError);
  EXPECT_THROW(Augment(set, {.scale = 1}), ValueError);
  EXPECT_THROW(Augment(set, {.smoothness = 0}), ValueError);
  EXPECT_THROW(Augment(set, {.cutout = -1}), ValueError);
}

// x is the one-hot of the class, so that x tells what y has to be.
TEST(Mixup, MixesTargetsAsItMixesInputs) {
  const TensorDataset set(FromValues({3, 3}, {1, 0, 0, 0, 1, 0, 0, 0, 1}),
                          FromValues<int32_t>({3}, {0, 1, 2}));
  const Mixup mixup(set, {.classes = 3, .alpha = 1, .seed = 4});
  double mean = 0, square = 0;
  int others = 0;
  for (int64_t epoch = 0; epoch < 2000; ++epoch) {
    const Batch batch = mixup.GatherInEpoch({1}, epoch);
    EXPECT_EQ(batch.y.shape(), Shape({1, 3}));
    ASSERT_EQ(Values(batch.x), Values(batch.y));
    const double share = batch.y.data<float>()[1];
    if (batch.y.data<float>()[0] == 0 && batch.y.data<float>()[2] == 0)
      continue;
    ++others;
    mean += share;
    square += share * share;
  }
  // Two of three partners are of another class; the share is then uniform.
  EXPECT_NEAR(others, 1333, 5 * 21);
  EXPECT_NEAR(mean / others, 1.0 / 2, 0.04);
  EXPECT_NEAR(square / others, 1.0 / 3, 0.04);
}

TEST(Mixup, LeavesThePlainEpochAsItIs) {
  const TensorDataset set = Pictures(3, {2, 2});
  const Mixup mixup(set, {.classes = 3, .alpha = 1});
  const Batch batch = mixup.GatherInEpoch({2, 0}, kPlain);
  EXPECT_EQ(Values(batch.x), Values(set.Gather({2, 0}).x));
  EXPECT_EQ(batch.y.shape(), Shape({2}));
  EXPECT_EQ(batch.y.data<int32_t>()[0], set.Gather({2}).y.data<int32_t>()[0]);
}

TEST(Mixup, DoesNotDependOnTheBatch) {
  const TensorDataset set = Pictures(10, {2, 2});
  const Mixup mixup(set, {.classes = 3, .alpha = 0.2, .seed = 4});
  const Batch both = mixup.GatherInEpoch({4, 8}, 1);
  const std::vector<float> alone = Values(mixup.GatherInEpoch({8}, 1).x);
  const std::vector<float> x = Values(both.x);
  EXPECT_EQ(std::vector<float>(x.begin() + 4, x.end()), alone);
}

// The loss of mixed targets is the mixture of the losses (Zhang and others
// 2018, section 2).
TEST(Mixup, ItsTargetsAreForTheCrossEntropy) {
  const TensorDataset set = Pictures(10, {2, 2});
  const Mixup mixup(set, {.classes = 3, .alpha = 1, .seed = 4});
  const Batch batch = mixup.GatherInEpoch({4, 8, 6, 2}, 1);
  const Tensor logits =
      FromValues({4, 3}, {0, 1, 2, 3, -1, 0, 0, 0, 0, 2, 1, 5});
  double mixed = 0;
  for (int32_t label = 0; label < 3; ++label) {
    const Tensor losses = SoftmaxCrossEntropy(
        logits, Full({4}, label, DType::kI32), {.reduction = Reduction::kNone});
    for (int i = 0; i < 4; ++i) {
      mixed += batch.y.data<float>()[3 * i + label] * losses.data<float>()[i];
    }
  }
  EXPECT_NEAR(SoftmaxCrossEntropy(logits, batch.y).item(), mixed / 4, 1e-6);
}

TEST(Mixup, RejectsWhatItCannotMix) {
  const TensorDataset set = Pictures(10, {2, 2});
  EXPECT_THROW(Mixup(set, {}), ValueError);
  EXPECT_THROW(Mixup(set, {.classes = 3, .alpha = 0}), ValueError);
  EXPECT_EQ(ErrorOf<ValueError>([&] { All(Mixup(set, {.classes = 2})); }),
            "Mixup: label 2 is not in [0, 2)");
  const TensorDataset floats(Zeros({2, 4}), Zeros({2}));
  EXPECT_THROW(All(Mixup(floats, {.classes = 3})), DTypeError);
}

}  // namespace
}  // namespace adjoint::data
