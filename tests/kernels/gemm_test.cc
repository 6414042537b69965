#include "framework/kernels/gemm.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <limits>
#include <random>
#include <string>
#include <type_traits>
#include <vector>

#include "framework/base/parallel_for.h"
#include "gtest/gtest.h"
#include "hwy/highway.h"
#include "tests/kernels/gemm_operands.h"

namespace adjoint::kernels {
namespace {

// Compares with sums in a wider type. Whatever the order of k products and the
// bias, the error of their sum is at most (k + 1) u / (1 - (k + 1) u) times the
// sum of their magnitudes, where u is half of epsilon (Higham, "Accuracy and
// Stability of Numerical Algorithms", section 3.1).
template <class T>
void ExpectMatchesNaiveLoop(const Case& shape) {
  using Wide =
      std::conditional_t<std::is_same_v<T, float>, double, long double>;
  const Operands<T> x(shape, shape.m * 31 + shape.n * 17 + shape.k);
  const std::vector<T> result = x.Multiply();
  for (int64_t i = 0; i < shape.m; ++i) {
    for (int64_t j = 0; j < x.ldc; ++j) {
      const int64_t at = i * x.ldc + j;
      if (at == std::ssize(result)) break;
      if (j >= shape.n) {
        ASSERT_EQ(result[at], x.c[at]) << shape << ": wrote beyond a row";
        continue;
      }
      Wide sum = shape.bias ? x.bias[j] : 0, magnitude = std::abs(sum);
      for (int64_t p = 0; p < shape.k; ++p) {
        const Wide product = static_cast<Wide>(x.A(i, p)) * x.B(p, j);
        sum += product;
        magnitude += std::abs(product);
      }
      const Wide bound =
          (shape.k + 1) * std::numeric_limits<T>::epsilon() * magnitude;
      ASSERT_LE(std::abs(result[at] - sum), bound)
          << shape << ": element " << i << ", " << j;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Targets, GemmTest,
                         testing::ValuesIn(GemmTest::Targets()),
                         [](const auto& info) {
                           return std::string(hwy::TargetName(info.param));
                         });

TEST_P(GemmTest, MatchesANaiveLoopOnSmallShapes) {
  std::mt19937 random(1);
  const auto draw = [&](int64_t n) {
    return std::uniform_int_distribution<int64_t>(0, n - 1)(random);
  };
  for (int64_t i = 0; i < 1600; ++i) {
    // Each size meets each other in two of three places.
    Case c = {1 + i % 40, 1 + i / 40, 1 + draw(40)};
    if (i % 3 > 0) std::swap(c.m, c.k);
    if (i % 3 > 1) std::swap(c.n, c.k);
    c.transpose_a = draw(2);
    c.transpose_b = draw(2);
    c.pad = draw(3) * draw(5);
    c.bias = draw(2);
    ASSERT_NO_FATAL_FAILURE(ExpectMatchesNaiveLoop<float>(c));
    ASSERT_NO_FATAL_FAILURE(ExpectMatchesNaiveLoop<double>(c));
  }
}

TEST_P(GemmTest, MatchesANaiveLoopAcrossBlocks) {
  for (const Case& c : Shapes()) {
    ASSERT_NO_FATAL_FAILURE(ExpectMatchesNaiveLoop<float>(c));
    ASSERT_NO_FATAL_FAILURE(ExpectMatchesNaiveLoop<double>(c));
  }
}

TEST_P(GemmTest, GivesBiasOrZeroWithoutProducts) {
  for (const int64_t n : {1, 5, 40}) {
    ExpectMatchesNaiveLoop<float>({3, n, 0, false, false, 2, true});
    ExpectMatchesNaiveLoop<float>({3, n, 0, true, true, 2, false});
  }
}

TEST_P(GemmTest, DoesNothingWithoutElements) {
  double c = 7;
  Gemm<double>(0, 5, 5, {nullptr, 5}, {nullptr, 5}, &c, 5);
  Gemm<double>(5, 0, 5, {nullptr, 5}, {nullptr, 0}, &c, 0);
  GemmBatched<double>(0, 1, 1, 1, {nullptr, 1}, 1, {nullptr, 1}, 1, &c, 1, 1);
  EXPECT_EQ(c, 7);
}

TEST_P(GemmTest, MultipliesZerosByInfinityAndNothingElse) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  for (const Case& c : Shapes()) {
    Operands<float> x(c);
    std::fill(x.a.begin(), x.a.end(), 0.f);
    const int64_t p = c.k - 1, j = c.n / 2;
    x.b[c.transpose_b ? j * x.ldb + p : p * x.ldb + j] = kInfinity;
    const std::vector<float> result = x.Multiply();
    for (int64_t i = 0; i < c.m; ++i) {
      for (int64_t column = 0; column < c.n; ++column) {
        ASSERT_EQ(std::isnan(result[i * x.ldc + column]), column == j)
            << c << ": element " << i << ", " << column;
      }
    }
  }
}

TEST_P(GemmTest, IsBitwiseEqualForAnyNumberOfThreads) {
  for (Case c : Shapes()) {
    if (c.pad != 0) continue;
    if (c.m > 1) c.m *= 2;  // Enough for several chunks.
    const Operands<float> x(c);
    SetNumThreads(1);
    const std::vector<float> expected = x.Multiply();
    for (const int threads : {2, 3, 8}) {
      SetNumThreads(threads);
      ASSERT_EQ(x.Multiply(), expected) << c << " on " << threads;
    }
  }
}

// Copied are some of many columns at a time, which all rows pass by; rows that
// lie on more pages, or in fewer sets of a cache, than stay near; a small
// operand that meets a large one; and one of which each thread copies a part.
TEST_P(GemmTest, MatchesANaiveLoopWhereOperandsAreCopied) {
  for (const Case& c :
       std::vector<Case>{{330, 520, 200, false, true, 3, true},
                         {330, 520, 200, true, true, 3, true},
                         {100, 90, 300, false, false, 500, true},
                         {100, 90, 300, true, false, 500, true},
                         {100, 90, 300, true, true, 500, false},
                         {256, 256, 70, true, false},
                         {512, 512, 30, true, false},
                         {32, 128, 784, false, true, 0, true},
                         {19, 45, 261, false, true, 0, true},
                         {60, 301, 784, false, true, 0, false},
                         {300, 130, 392, false, true, 3, true}}) {
    ASSERT_NO_FATAL_FAILURE(ExpectMatchesNaiveLoop<float>(c));
    ASSERT_NO_FATAL_FAILURE(ExpectMatchesNaiveLoop<double>(c));
    const Operands<float> x(c);
    SetNumThreads(1);
    const std::vector<float> expected = x.Multiply();
    SetNumThreads(3);
    EXPECT_EQ(x.Multiply(), expected) << c;
  }
}

TEST_P(GemmTest, GivesTheSameInsideParallelFor) {
  SetNumThreads(4);
  std::vector<Operands<float>> operands;
  std::vector<std::vector<float>> expected;
  for (uint32_t i = 0; i < 16; ++i) {
    operands.emplace_back(Case{130, 130, 600, false, true}, i);
    expected.push_back(operands[i].Multiply());
  }
  std::vector<std::vector<float>> results(operands.size());
  ParallelFor(results.size(), 1,
              [&](int64_t i, int64_t) { results[i] = operands[i].Multiply(); });
  EXPECT_EQ(results, expected);
}

TEST_P(GemmTest, BatchesAreTheProductsOneByOne) {
  for (const Case& c :
       std::vector<Case>{{3, 5, 7}, {64, 64, 64}, {150, 150, 150}}) {
    constexpr int64_t kBatch = 9;
    const Operands<float> x({kBatch * c.m, kBatch * c.n, c.k, false, true});
    const int64_t stride_a = c.m * c.k, stride_b = c.n * c.k,
                  stride_c = c.m * c.n + 1;
    for (const bool shared : {false, true}) {
      std::vector<float> expected(kBatch * stride_c, 3), result = expected;
      for (int64_t i = 0; i < kBatch; ++i) {
        Gemm<float>(c.m, c.n, c.k, {&x.a[i * stride_a], c.k},
                    {&x.b[shared ? 0 : i * stride_b], c.k, true},
                    &expected[i * stride_c], c.n, x.b.data());
      }
      for (const int threads : {1, 3}) {
        SetNumThreads(threads);
        GemmBatched<float>(kBatch, c.m, c.n, c.k, {x.a.data(), c.k}, stride_a,
                           {x.b.data(), c.k, true}, shared ? 0 : stride_b,
                           result.data(), c.n, stride_c, x.b.data());
        EXPECT_EQ(result, expected) << c << " on " << threads;
      }
    }
  }
}

}  // namespace
}  // namespace adjoint::kernels
