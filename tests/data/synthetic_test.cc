#include "framework/data/synthetic.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "framework/base/error.h"
#include "framework/core/tensor.h"

namespace adjoint::data {
namespace {

TEST(Spirals, PointsOfAnArmAreAtRisingRadii) {
  Rng rng(1);
  const Batch all =
      All(Spirals(rng, {.points = 50, .arms = 2, .dtype = DType::kF64}));
  EXPECT_EQ(all.x.shape(), Shape({100, 2}));
  const double* x = all.x.data<double>().data();
  for (int i = 0; i < 100; ++i) {
    EXPECT_NEAR(std::hypot(x[2 * i], x[2 * i + 1]), (i % 50 + 1) / 50.0, 1e-12);
    EXPECT_EQ(all.y.data<int32_t>()[i], i / 50);
  }
}

TEST(Moons, WithoutNoiseLieOnTwoHalfCircles) {
  Rng rng(1);
  const Batch all = All(Moons(rng, {.size = 100, .noise = 0}));
  const float* x = all.x.data<float>().data();
  for (int i = 0; i < 100; ++i) {
    const bool second = all.y.data<int32_t>()[i] == 1;
    const double a = x[2 * i] - (second ? 1 : 0);
    const double b = x[2 * i + 1] - (second ? 0.5 : 0);
    EXPECT_NEAR(std::hypot(a, b), 1, 1e-6);
    EXPECT_TRUE(second ? b <= 1e-6 : b >= -1e-6);
  }
}

TEST(Blobs, SpreadAboutTheirCentres) {
  Rng rng(1);
  const Batch all =
      All(Blobs(rng, {.size = 3000, .dimensions = 1, .noise = 2}));
  for (int label = 0; label < 3; ++label) {
    double sum = 0, squares = 0;
    for (int i = label; i < 3000; i += 3) {
      EXPECT_EQ(all.y.data<int32_t>()[i], label);
      sum += all.x.data<float>()[i];
      squares += std::pow(all.x.data<float>()[i], 2);
    }
    const double mean = sum / 1000;
    EXPECT_LE(std::abs(mean), 10.5);
    EXPECT_NEAR(std::sqrt(squares / 1000 - mean * mean), 2, 0.25);
  }
}

TEST(Sines, WithoutNoiseAreSines) {
  Rng rng(1);
  const Batch all =
      All(Sines(rng, {.size = 50, .noise = 0, .dtype = DType::kF64}));
  EXPECT_EQ(all.y.shape(), Shape({50, 1}));
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(all.y.data<double>()[i], std::sin(all.x.data<double>()[i]));
  }
}

TEST(Synthetic, TheGeneratorMovesOnAndItsStateDecides) {
  Rng a(3), b(3);
  const float first = All(Moons(a)).x.data<float>()[0];
  EXPECT_EQ(All(Moons(b)).x.data<float>()[0], first);
  EXPECT_NE(All(Moons(a)).x.data<float>()[0], first);
}

TEST(Synthetic, RejectsOptionsOutOfRange) {
  Rng rng(1);
  EXPECT_THROW(Spirals(rng, {.points = 0}), ValueError);
  EXPECT_THROW(Moons(rng, {.noise = -1}), ValueError);
  EXPECT_THROW(Blobs(rng, {.classes = 0}), ValueError);
  EXPECT_THROW(Sines(rng, {.dtype = DType::kI32}), DTypeError);
}

}  // namespace
}  // namespace adjoint::data
