#include "framework/base/rng.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <set>

#include "framework/base/parallel_for.h"
#include "framework/base/philox.h"

namespace adjoint {
namespace {

using Words = std::array<uint32_t, 4>;

std::vector<double> Uniforms(Rng rng, int n, double low = 0, double high = 1) {
  std::vector<double> values(n);
  rng.FillUniform(absl::MakeSpan(values), low, high);
  return values;
}

std::vector<double> Normals(Rng rng, int n) {
  std::vector<double> values(n);
  rng.FillNormal(absl::MakeSpan(values), 0, 1);
  return values;
}

// The largest distance between the empirical and the true distribution, times
// sqrt(n). It exceeds 1.95 with probability 0.001 (Kolmogorov 1933).
template <class Cdf>
double KolmogorovSmirnov(std::vector<double> values, Cdf cdf) {
  std::sort(values.begin(), values.end());
  const double n = values.size();
  double distance = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    const double p = cdf(values[i]);
    distance = std::max({distance, p - i / n, (i + 1) / n - p});
  }
  return distance * std::sqrt(n);
}

double Correlation(const std::vector<double>& x, const std::vector<double>& y) {
  double xy = 0, xx = 0, yy = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    xy += x[i] * y[i];
    xx += x[i] * x[i];
    yy += y[i] * y[i];
  }
  return xy / std::sqrt(xx * yy);
}

// Pearson's statistic of counts that should be equal.
double ChiSquare(const std::vector<int>& counts, double expected) {
  double sum = 0;
  for (int count : counts) {
    sum += (count - expected) * (count - expected) / expected;
  }
  return sum;
}

TEST(Rng, EqualStatesYieldEqualNumbers) {
  Rng rng(7);
  for (int i = 0; i < 5; ++i) rng.NextBits();
  Rng copy = rng, restored(rng.state());
  for (int i = 0; i < 5; ++i) {
    const uint64_t bits = rng.NextBits();
    EXPECT_EQ(copy.NextBits(), bits);
    EXPECT_EQ(restored.NextBits(), bits);
  }
  EXPECT_EQ(copy.state(), rng.state());
}

TEST(Rng, SeedsChildrenAndGrandchildrenShareNoNumber) {
  std::vector<Rng> streams;
  for (uint64_t seed = 0; seed < 10; ++seed) {
    Rng parent(seed), first = parent.Split(), second = parent.Split();
    const Rng grandchild = first.Split();
    streams.insert(streams.end(), {parent, first, second, grandchild});
  }
  // 4000 draws of 64 bits collide by chance with a probability of 4e-13.
  std::set<uint64_t> seen;
  for (Rng& rng : streams) {
    for (int i = 0; i < 100; ++i) seen.insert(rng.NextBits());
  }
  EXPECT_EQ(seen.size(), 4000u);
}

TEST(Rng, KeyOfAChildIsNotANumberOfItsParent) {
  Rng parent(3), copy = parent;
  const Rng child = parent.Split();
  EXPECT_NE(child.state().key, copy.NextBits());
}

TEST(Rng, StreamsOfNeighbouringSeedsAndOfSplitsAreUncorrelated) {
  Rng parent(42);
  const Rng first = parent.Split(), second = parent.Split();
  const int n = 100000;
  const auto x = Normals(Rng(42), n);
  // Five standard deviations.
  const double bound = 5 / std::sqrt(n);
  EXPECT_LT(std::abs(Correlation(x, Normals(Rng(43), n))), bound);
  EXPECT_LT(std::abs(Correlation(x, Normals(first, n))), bound);
  EXPECT_LT(std::abs(Correlation(Normals(first, n), Normals(second, n))),
            bound);
}

TEST(Rng, UniformFillIsUniformForFixedSeeds) {
  for (uint64_t seed : {1, 2, 3}) {
    EXPECT_LT(KolmogorovSmirnov(Uniforms(Rng(seed), 100000, -3, 5),
                                [](double x) { return (x + 3) / 8; }),
              1.95);
  }
}

TEST(Rng, NormalFillIsNormalForFixedSeeds) {
  const auto cdf = [](double x) {
    return std::erfc(-x / std::numbers::sqrt2) / 2;
  };
  for (uint64_t seed : {1, 2, 3}) {
    const std::vector<double> values = Normals(Rng(seed), 100000);
    EXPECT_LT(KolmogorovSmirnov(values, cdf), 1.95);
    // Sums of squares see the tails, which Kolmogorov-Smirnov hardly does: of
    // x^2 the mean is 1 and the variance 2, of x^4 they are 3 and 96.
    double square = 0, fourth = 0;
    for (double x : values) {
      square += x * x / values.size();
      fourth += x * x * x * x / values.size();
    }
    EXPECT_NEAR(square, 1, 4 * std::sqrt(2.0 / values.size()));
    EXPECT_NEAR(fourth, 3, 4 * std::sqrt(96.0 / values.size()));
  }
}

TEST(Rng, NeighboursWithinAFillAreUncorrelated) {
  const auto values = Normals(Rng(5), 200001);
  for (int lag : {1, 2, 3}) {
    std::vector<double> x(values.begin(), values.begin() + 200000 - lag);
    std::vector<double> y(values.begin() + lag, values.begin() + 200000);
    EXPECT_LT(std::abs(Correlation(x, y)), 5 / std::sqrt(200000.0)) << lag;
  }
}

// The words are Philox's, the formula is Box and Muller's, log and cos libm's.
TEST(Rng, NormalsFollowTheFormulaOfBoxAndMuller) {
  const uint64_t key = 0x0123456789abcdef, position = 0xfffffffe;
  std::vector<double> values(2000);
  Rng(Rng::State{key, position}).FillNormal(absl::MakeSpan(values), 0.5, 3);
  for (uint64_t i = 0; i < 1000; ++i) {
    const uint64_t at = position + i;
    const Words w = Philox4x32(
        {static_cast<uint32_t>(at), static_cast<uint32_t>(at >> 32), 0, 0},
        {0x89abcdef, 0x01234567});
    const auto uniform = [](uint64_t low, uint64_t high) {
      return std::ldexp(static_cast<double>((high << 32 | low) >> 11), -53);
    };
    const double u = uniform(w[0], w[1]) + std::ldexp(1.0, -53);
    const double angle = 2 * std::numbers::pi * uniform(w[2], w[3]);
    const double radius = std::sqrt(-2 * std::log(u));
    ASSERT_NEAR(values[2 * i], 0.5 + 3 * radius * std::cos(angle), 3e-14) << i;
    ASSERT_NEAR(values[2 * i + 1], 0.5 + 3 * radius * std::sin(angle), 3e-14)
        << i;
  }
}

TEST(Rng, FillsDependNeitherOnThreadsNorOnLength) {
  SetNumThreads(1);
  const std::vector<double> uniform = Uniforms(Rng(9), 50001);
  const std::vector<double> normal = Normals(Rng(9), 50001);
  for (int threads : {2, 3, 4, 8}) {
    SetNumThreads(threads);
    EXPECT_EQ(Uniforms(Rng(9), 50001), uniform);
    EXPECT_EQ(Normals(Rng(9), 50001), normal);
  }
  SetNumThreads(0);
  for (int n : {0, 1, 2, 4095, 4097}) {
    EXPECT_EQ(Normals(Rng(9), n),
              std::vector<double>(normal.begin(), normal.begin() + n));
  }
}

TEST(Rng, FillsInPiecesOfEvenLengthContinueTheStream) {
  const std::vector<double> whole = Normals(Rng(4), 30);
  std::vector<double> pieces(30);
  Rng rng(4);
  rng.FillNormal(absl::MakeSpan(pieces.data(), 10), 0, 1);
  rng.FillNormal(absl::MakeSpan(pieces.data() + 10, 0), 0, 1);
  rng.FillNormal(absl::MakeSpan(pieces.data() + 10, 20), 0, 1);
  EXPECT_EQ(pieces, whole);
  // An odd length uses up a whole block: the next fill shares no number.
  Rng odd(4);
  odd.FillNormal(absl::MakeSpan(pieces.data(), 9), 0, 1);
  EXPECT_EQ(odd.state(), (Rng::State{4, 5}));
}

TEST(Rng, FloatsAreTheRoundedDoubles) {
  Rng single(3), both(3);
  std::vector<float> floats(1001);
  std::vector<double> doubles(1001);
  single.FillUniform(absl::MakeSpan(floats), -2, 2);
  both.FillUniform(absl::MakeSpan(doubles), -2, 2);
  EXPECT_EQ(floats, std::vector<float>(doubles.begin(), doubles.end()));
  single.FillNormal(absl::MakeSpan(floats), 1, 2);
  both.FillNormal(absl::MakeSpan(doubles), 1, 2);
  EXPECT_EQ(floats, std::vector<float>(doubles.begin(), doubles.end()));
  EXPECT_EQ(single.state(), both.state());
}

TEST(Rng, RoundedUniformsStayInTheRange) {
  // Four floats lie in the range, so most draws are rounded by much: without
  // care one in eight would become `high`.
  const double low = 1, high = 1 + 4 * 0x1p-23;
  std::vector<float> floats(10000);
  Rng(1).FillUniform(absl::MakeSpan(floats), low, high);
  EXPECT_EQ(*std::min_element(floats.begin(), floats.end()), 1.0f);
  EXPECT_EQ(*std::max_element(floats.begin(), floats.end()),
            1.0f + 3 * 0x1p-23f);
  // The float next to 0.7 is less than 0.7.
  Rng(1).FillUniform(absl::MakeSpan(floats), 0.7, 0.7 + 0x1p-22);
  EXPECT_GE(*std::min_element(floats.begin(), floats.end()), 0.7);
  // Doubles round as well: two lie in this range.
  const auto doubles = Uniforms(Rng(1), 1000, 1, 1 + 0x1p-51);
  EXPECT_EQ(std::set<double>(doubles.begin(), doubles.end()),
            (std::set<double>{1, 1 + 0x1p-52}));
}

TEST(Rng, NextUniformIsAMultipleOfTwoToTheMinus53BelowOne) {
  Rng rng(8);
  double sum = 0;
  for (int i = 0; i < 10000; ++i) {
    const double x = rng.NextUniform();
    ASSERT_GE(x, 0);
    ASSERT_LT(x, 1);
    ASSERT_EQ(std::ldexp(x, 53), std::floor(std::ldexp(x, 53)));
    sum += x;
  }
  EXPECT_NEAR(sum / 10000, 0.5, 4 * std::sqrt(1 / 12.0 / 10000));
}

TEST(Rng, NextBelowIsUnbiased) {
  Rng rng(6);
  std::vector<int> counts(10);
  for (int i = 0; i < 100000; ++i) ++counts[rng.NextBelow(10)];
  EXPECT_LT(ChiSquare(counts, 10000), 27.9);  // 9 degrees, p = 0.001.

  // If none of the 2^64 values were drawn again, three of them would fall on
  // each remainder of 3 * 2^61 below 2^62, two on each of the others.
  const int64_t n = int64_t{3} << 61;
  std::vector<int> thirds(3);
  for (int i = 0; i < 30000; ++i) ++thirds[rng.NextBelow(n) >> 61];
  EXPECT_LT(ChiSquare(thirds, 10000), 13.8);  // 2 degrees, p = 0.001.

  for (int i = 0; i < 10; ++i) EXPECT_EQ(rng.NextBelow(1), 0);
}

TEST(Rng, AllOrdersOfFourAreEquallyLikely) {
  Rng rng(11);
  std::map<std::vector<int64_t>, int> orders;
  for (int i = 0; i < 24000; ++i) ++orders[rng.Permutation(4)];
  ASSERT_EQ(orders.size(), 24u);
  std::vector<int> counts;
  for (const auto& [order, count] : orders) {
    EXPECT_TRUE(std::is_permutation(order.begin(), order.end(),
                                    std::vector{0, 1, 2, 3}.begin()));
    counts.push_back(count);
  }
  EXPECT_LT(ChiSquare(counts, 1000), 49.7);  // 23 degrees, p = 0.001.
}

TEST(Rng, PermutationHoldsEveryNumberOnce) {
  Rng rng(12);
  for (int64_t n : {0, 1, 2, 1000}) {
    std::vector<int64_t> order = rng.Permutation(n);
    ASSERT_EQ(static_cast<int64_t>(order.size()), n);
    std::sort(order.begin(), order.end());
    for (int64_t i = 0; i < n; ++i) ASSERT_EQ(order[i], i);
  }
}

TEST(RngDeathTest, BrokenRequirementsEndTheProcess) {
  std::vector<float> out(1);
  EXPECT_DEATH(Rng(0).NextBelow(0), "check failed");
  EXPECT_DEATH(Rng(0).FillUniform(absl::MakeSpan(out), 1, 1), "check failed");
  EXPECT_DEATH(Rng(0).FillUniform(absl::MakeSpan(out), 0.7, 0.7 + 1e-12),
               "check failed");
  EXPECT_DEATH(Rng(0).Permutation(-1), "check failed");
}

}  // namespace
}  // namespace adjoint
