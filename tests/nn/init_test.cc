#include "framework/nn/init.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "framework/base/error.h"

namespace adjoint::nn::init {
namespace {

// A convolution's weight: fan_in = 24 * 9 = 216, fan_out = 64 * 9 = 576.
const Shape kShape = {64, 24, 3, 3};
constexpr double kFanIn = 216, kFanOut = 576;

struct Case {
  std::string name;
  Initializer initializer;
  double mean;
  double variance;
  bool uniform;
};

std::vector<Case> Cases() {
  const double xavier = 2 / (kFanIn + kFanOut);
  return {
      {"uniform", Uniform(1, 3), 2, 4.0 / 12, true},
      {"normal", Normal(-1, 0.5), -1, 0.25, false},
      {"xavier uniform", XavierUniform(), 0, xavier, true},
      {"xavier uniform, gain 3", XavierUniform(3), 0, 9 * xavier, true},
      {"xavier normal", XavierNormal(), 0, xavier, false},
      {"xavier normal, gain 3", XavierNormal(3), 0, 9 * xavier, false},
      {"kaiming uniform", KaimingUniform(), 0, 2 / kFanIn, true},
      {"kaiming uniform, fan out", KaimingUniform({.fan_out = true}), 0,
       2 / kFanOut, true},
      {"kaiming normal", KaimingNormal(), 0, 2 / kFanIn, false},
      {"kaiming normal, slope", KaimingNormal({.negative_slope = 0.5}), 0,
       2 / (1.25 * kFanIn), false},
  };
}

TEST(Init, MeanVarianceAndBoundsAreThoseOfTheFormula) {
  for (const Case& c : Cases()) {
    SCOPED_TRACE(c.name);
    Rng rng(1);
    const Tensor w = c.initializer(kShape, DType::kF64, rng);
    ASSERT_EQ(w.shape(), kShape);
    const double n = static_cast<double>(w.size());
    double mean = 0, variance = 0, farthest = 0;
    for (double v : w.data<double>()) mean += v / n;
    for (double v : w.data<double>()) {
      variance += (v - mean) * (v - mean) / n;
      farthest = std::max(farthest, std::abs(v - c.mean));
    }
    // Four standard errors; that of a normal's variance is the largest here.
    const double deviation = std::sqrt(c.variance);
    EXPECT_NEAR(mean, c.mean, 4 * deviation / std::sqrt(n));
    EXPECT_NEAR(variance, c.variance, 4 * std::sqrt(2 / n) * c.variance);
    if (c.uniform) {
      EXPECT_LE(farthest, std::sqrt(3) * deviation);
      EXPECT_GT(farthest, 0.999 * std::sqrt(3) * deviation);
    } else {
      EXPECT_GT(farthest, 3 * deviation);
    }
  }
}

TEST(Init, DrawsInTheDTypeAskedForAndMovesTheRngOn) {
  for (const Case& c : Cases()) {
    Rng rng(1);
    const Tensor first = c.initializer({4, 3}, DType::kF32, rng);
    const Tensor second = c.initializer({4, 3}, DType::kF32, rng);
    EXPECT_EQ(first.dtype(), DType::kF32);
    EXPECT_NE(first.data<float>()[0], second.data<float>()[0]) << c.name;
  }
}

TEST(Init, ConstantIsThatValueForAnyShape) {
  Rng rng(1);
  const Tensor b = Constant(0.25)({3}, DType::kF32, rng);
  for (float v : b.data<float>()) EXPECT_EQ(v, 0.25f);
}

TEST(Init, WhatScalesWithTheLayerThrowsForABias) {
  for (const Initializer& f :
       {XavierUniform(), XavierNormal(), KaimingUniform(), KaimingNormal()}) {
    Rng rng(1);
    EXPECT_THROW(f({3}, DType::kF32, rng), ShapeError);
    EXPECT_THROW(f({}, DType::kF32, rng), ShapeError);
  }
}

}  // namespace
}  // namespace adjoint::nn::init
