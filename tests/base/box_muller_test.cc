#include "framework/base/box_muller.h"

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <vector>

#include "framework/base/philox.h"
#include "framework/base/rng.h"

namespace adjoint {
namespace {

// The same formulas with the branches, loops and conversions that the vectors
// do without: seeds promise bits, so all must agree to the last one.
double PlainUniform(uint64_t bits) {
  return static_cast<double>(bits >> 11) * 0x1p-53;
}

double PlainLog(double x) {
  int e;
  double m = std::frexp(x, &e);
  if (m < std::numbers::sqrt2 / 2) {
    m *= 2;
    e -= 1;
  }
  const double s = (m - 1) / (m + 1), s2 = s * s;
  double sum = 0;
  for (int k = 21; k >= 1; k -= 2) sum = std::fma(sum, s2, 1.0 / k);
  return std::fma(e, std::numbers::ln2, 2 * s * sum);
}

std::array<double, 2> PlainCosSinOfTurn(double u) {
  const int quarter = static_cast<int>(std::floor(4 * u + 0.5));
  const double x = (u - 0.25 * quarter) * (2 * std::numbers::pi), x2 = x * x;
  double c = 1, s = 1;
  for (int k = 17; k >= 3; k -= 2) {
    c = std::fma(-x2 * c, 1.0 / ((k - 1) * (k - 2)), 1);
    s = std::fma(-x2 * s, 1.0 / (k * (k - 1)), 1);
  }
  s *= x;
  switch (quarter & 3) {
    case 0:
      return {c, s};
    case 1:
      return {-s, c};
    case 2:
      return {-c, -s};
    default:
      return {s, -c};
  }
}

std::array<double, 2> PlainBoxMuller(uint64_t bits0, uint64_t bits1) {
  const double radius = std::sqrt(-2 * PlainLog(PlainUniform(bits0) + 0x1p-53));
  const auto [c, s] = PlainCosSinOfTurn(PlainUniform(bits1));
  return {radius * c, radius * s};
}

// Numbers at which something changes, and many others.
std::vector<uint64_t> Sample() {
  std::vector<uint64_t> sample;
  for (int i = 0; i < 64; ++i) {
    for (uint64_t near : {-1, 0, 1}) {
      sample.push_back((uint64_t{1} << i) + near);
      sample.push_back(~((uint64_t{1} << i) + near));
    }
  }
  for (uint64_t eighth = 0; eighth < 8; ++eighth) {
    for (uint64_t step : {-1, 0, 1}) {
      sample.push_back((eighth << 61) + (step << 11));
    }
  }
  Rng rng(1);
  for (int i = 0; i < 10000; ++i) sample.push_back(rng.NextBits());
  return sample;
}

TEST(BoxMuller, UniformsAreTheUpperBitsToTheLast) {
  for (uint64_t bits : Sample()) EXPECT_EQ(ToUniform(bits), PlainUniform(bits));
}

TEST(BoxMuller, NormalsHaveTheBitsOfThePlainFormula) {
  const std::vector<uint64_t> sample = Sample();
  const size_t n = sample.size();
  for (size_t i = 0; i < n; ++i) {
    const uint64_t other = sample[(i * 31 + 7) % n];
    const auto got = BoxMuller(sample[i], other);
    const auto want = PlainBoxMuller(sample[i], other);
    for (int k : {0, 1}) {
      ASSERT_EQ(std::bit_cast<uint64_t>(got[k]),
                std::bit_cast<uint64_t>(want[k]))
          << std::hex << sample[i] << " " << other;
    }
  }
}

// A stream's block by block draws are the bits that its fills are made of.
template <class T>
class Fill : public ::testing::Test {};
using Types = ::testing::Types<float, double>;
TYPED_TEST_SUITE(Fill, Types);

TYPED_TEST(Fill, HasTheBitsOfThePlainFormulaAtEverySize) {
  using T = TypeParam;
  constexpr Rng::State kState = {.key = 99, .position = 0xfffffff0};
  for (const int n : {1, 2, 3, 31, 511, 512, 513, 9001}) {
    std::vector<T> normal(n), uniform(n);
    Rng rng(kState), again(kState);
    rng.FillNormal(absl::MakeSpan(normal), 0.25, 3);
    again.FillUniform(absl::MakeSpan(uniform), -2, 5);
    EXPECT_EQ(rng.state(), again.state());
    for (int i = 0; i < n; ++i) {
      const uint64_t position = kState.position + i / 2;
      const auto words =
          Philox4x32({static_cast<uint32_t>(position),
                      static_cast<uint32_t>(position >> 32), 0, 0},
                     {99, 0});
      const uint64_t bits0 = uint64_t{words[1]} << 32 | words[0];
      const uint64_t bits1 = uint64_t{words[3]} << 32 | words[2];
      const double z = PlainBoxMuller(bits0, bits1)[i % 2];
      const double u = PlainUniform(i % 2 == 0 ? bits0 : bits1);
      ASSERT_EQ(normal[i], static_cast<T>(std::fma(z, 3, 0.25))) << i;
      ASSERT_EQ(uniform[i], static_cast<T>(std::fma(u, 7, -2))) << i;
    }
  }
}

}  // namespace
}  // namespace adjoint
