// Random numbers are to have the same bits on every processor.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <numbers>
#include <vector>

#include "framework/base/box_muller.h"
#include "framework/base/rng.h"

namespace adjoint {
namespace {

// Pairs of draws, the extremes among them.
std::vector<std::array<uint64_t, 2>> Draws() {
  constexpr uint64_t kAll = ~uint64_t{0};
  std::vector<std::array<uint64_t, 2>> draws;
  for (const uint64_t a : {uint64_t{0}, uint64_t{1} << 11, kAll / 2, kAll}) {
    for (uint64_t eighth = 0; eighth < 8; ++eighth) {
      draws.push_back({a, eighth << 61});
      draws.push_back({a, (eighth << 61) + (1 << 11)});
    }
  }
  Rng rng(3);
  for (int i = 0; i < 100'000; ++i) {
    draws.push_back({rng.NextBits(), rng.NextBits()});
  }
  return draws;
}

// sqrt(-2 log(u)) (cos, sin)(2 pi v), u and v uniform numbers, u not 0.
TEST(BoxMuller, ErrsByThreeUlpsOfTheRadiusAtMost) {
  double worst = 0;
  for (const auto& [a, b] : Draws()) {
    const long double u = ToUniform(a) + 0x1p-53, v = ToUniform(b);
    const long double radius = std::sqrt(-2 * std::log(u));
    const long double angle = 2 * std::numbers::pi_v<long double> * v;
    const std::array<double, 2> got = BoxMuller(a, b);
    if (radius == 0) {
      EXPECT_EQ(got[0], 0);
      EXPECT_EQ(got[1], 0);
      continue;
    }
    const long double ulp = std::ldexp(1.0L, std::ilogb(radius) - 52);
    for (const long double error : {got[0] - radius * std::cos(angle),
                                    got[1] - radius * std::sin(angle)}) {
      worst = std::max(worst, static_cast<double>(std::abs(error) / ulp));
    }
  }
  std::printf("worst %.3f ULP of the radius\n", worst);
  EXPECT_LE(worst, 3);
}

// What AVX-512 drew when this was written. (tests/base/box_muller_test.cc has
// the plain formula.)
TEST(Rng, DrawsNormalsOfTheSameBitsWithEveryInstructionSet) {
  std::vector<double> drawn(100'001);
  Rng(7).FillNormal(absl::MakeSpan(drawn), 0.5, 2);
  uint64_t hash = 0;
  for (const double x : drawn) hash = hash * 31 + std::bit_cast<uint64_t>(x);
  EXPECT_EQ(hash, 11214845341454160561u);
}

}  // namespace
}  // namespace adjoint
