#include "framework/kernels/gemm.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <limits>
#include <ostream>
#include <random>
#include <string>
#include <type_traits>
#include <vector>

#include "framework/base/parallel_for.h"
#include "gtest/gtest.h"
#include "hwy/highway.h"

namespace adjoint::kernels {
namespace {

struct Case {
  int64_t m, n, k;
  bool transpose_a = false, transpose_b = false;
  int64_t pad = 0;  // Added to each row in memory.
  bool bias = false;
};

std::ostream& operator<<(std::ostream& out, const Case& c) {
  return out << c.m << "x" << c.n << "x" << c.k << " "
             << (c.transpose_a ? "T" : "N") << (c.transpose_b ? "T" : "N")
             << " pad " << c.pad << " bias " << c.bias;
}

// The operands of a product, no larger than they need to be, so that
// AddressSanitizer sees any read beyond them.
template <class T>
struct Operands {
  explicit Operands(const Case& c, uint32_t seed = 0)
      : shape(c),
        lda((c.transpose_a ? c.m : c.k) + c.pad),
        ldb((c.transpose_b ? c.k : c.n) + c.pad),
        ldc(c.n + c.pad) {
    std::mt19937 random(seed);
    const auto fill = [&](std::vector<T>& x, int64_t rows, int64_t ld) {
      x.resize(rows == 0 || ld == c.pad ? 0 : rows * ld - c.pad);
      for (T& value : x) {
        value = std::uniform_real_distribution<T>(-1, 1)(random);
      }
    };
    fill(a, c.transpose_a ? c.k : c.m, lda);
    fill(b, c.transpose_b ? c.n : c.k, ldb);
    fill(this->c, c.m, ldc);
    if (c.bias) fill(bias, 1, ldc);
  }

  T A(int64_t i, int64_t p) const {
    return a[shape.transpose_a ? p * lda + i : i * lda + p];
  }
  T B(int64_t p, int64_t j) const {
    return b[shape.transpose_b ? j * ldb + p : p * ldb + j];
  }

  std::vector<T> Multiply() const {
    std::vector<T> result = c;
    Gemm<T>(shape.m, shape.n, shape.k, {a.data(), lda, shape.transpose_a},
            {b.data(), ldb, shape.transpose_b}, result.data(), ldc,
            shape.bias ? bias.data() : nullptr);
    return result;
  }

  Case shape;
  int64_t lda, ldb, ldc;
  std::vector<T> a, b, c, bias;
};

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

// Shapes that reach every way of computing and every boundary of a block.
std::vector<Case> Shapes() {
  std::vector<Case> cases;
  for (const Case& shape : std::vector<Case>{
           {1, 1, 1},      {1, 300, 70},   {1, 70, 700},   {1, 300, 7},
           {300, 1, 70},   {70, 1, 700},   {70, 90, 1},    {1, 90, 1},
           {70, 1, 1},     {1, 1, 900},    {7, 33, 800},   {33, 31, 1100},
           {50, 4200, 3},  {3, 4200, 40},  {500, 40, 20},  {40, 40, 256},
           {256, 40, 10},  {128, 600, 20}, {40, 70, 513},  {64, 256, 57},
           {1, 1100, 600}, {1100, 1, 600}, {60, 600, 260}, {40, 300, 1}}) {
    for (const int transposes : {0, 1, 2, 3}) {
      for (const int64_t pad : {0, 3}) {
        Case c = shape;
        c.transpose_a = transposes & 2;
        c.transpose_b = transposes & 1;
        c.pad = pad;
        c.bias = pad != 0;
        cases.push_back(c);
      }
    }
  }
  return cases;
}

// Every test runs on each instruction set that this processor has and for which
// gemm.cc is compiled.
class GemmTest : public testing::TestWithParam<int64_t> {
 public:
  static std::vector<int64_t> Targets() {
    std::vector<int64_t> targets = hwy::SupportedAndGeneratedTargets();
    std::erase(targets, HWY_SSSE3);
    std::erase(targets, HWY_AVX3_DL);
    return targets;
  }

 protected:
  void SetUp() override { hwy::SetSupportedTargetsForTest(GetParam()); }
  void TearDown() override {
    hwy::SetSupportedTargetsForTest(0);
    SetNumThreads(0);
  }
};

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
// lie on more pages, or in fewer sets of a cache, than stay near; and a small
// operand that meets a large one.
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
                         {60, 301, 784, false, true, 0, false}}) {
    ASSERT_NO_FATAL_FAILURE(ExpectMatchesNaiveLoop<float>(c));
    ASSERT_NO_FATAL_FAILURE(ExpectMatchesNaiveLoop<double>(c));
    const Operands<float> x(c);
    SetNumThreads(1);
    const std::vector<float> expected = x.Multiply();
    SetNumThreads(3);
    EXPECT_EQ(x.Multiply(), expected) << c;
  }
}

// As one step of an optimizer by what Gemm gives, and nothing beyond a row.
template <class T>
void ExpectAddsWhatGemmGives(const Case& shape, T alpha) {
  const Operands<T> x(shape);
  const std::vector<T> sums = x.Multiply();
  for (const int threads : {1, 3}) {
    SetNumThreads(threads);
    std::vector<T> result = x.c, expected = x.c;
    GemmAdd<T>(shape.m, shape.n, shape.k, alpha,
               {x.a.data(), x.lda, shape.transpose_a},
               {x.b.data(), x.ldb, shape.transpose_b}, result.data(), x.ldc);
    for (int64_t i = 0; i < shape.m; ++i) {
      const int64_t at = i * x.ldc;
      AddMultiple<T>(shape.n, alpha, &sums[at], &expected[at]);
      for (int64_t j = at; j < at + shape.n; ++j) {
        if (expected[j] == std::fma(alpha, sums[j], x.c[j])) continue;
        ASSERT_EQ(expected[j], alpha * sums[j] + x.c[j]) << shape;
      }
    }
    ASSERT_EQ(result, expected) << shape << " on " << threads;
  }
}

TEST_P(GemmTest, AddsAMultipleOfTheSameSums) {
  for (Case c : std::vector<Case>{{128, 784, 1},
                                  {2, 512, 2},
                                  {10, 128, 32},
                                  {128, 784, 32},
                                  {33, 31, 512},
                                  {70, 90, 128},
                                  {3, 4200, 40},
                                  {512, 512, 30},
                                  {700, 2, 57}}) {
    c.transpose_a = true;
    for (c.pad = 0; c.pad < 4; c.pad += 3) {
      ASSERT_NO_FATAL_FAILURE(ExpectAddsWhatGemmGives<float>(c, -0.1F));
      ASSERT_NO_FATAL_FAILURE(ExpectAddsWhatGemmGives<double>(c, 3));
    }
  }
}

TEST_P(GemmTest, AddsInAnyShape) {
  for (const Case& c : Shapes()) {
    const Operands<double> x(c);
    const std::vector<double> sums = x.Multiply();
    std::vector<double> result = x.c;
    GemmAdd<double>(c.m, c.n, c.k, -0.7, {x.a.data(), x.lda, c.transpose_a},
                    {x.b.data(), x.ldb, c.transpose_b}, result.data(), x.ldc);
    for (int64_t i = 0; i < c.m; ++i) {
      for (int64_t j = 0; j < c.n; ++j) {
        const int64_t at = i * x.ldc + j;
        const double sum = sums[at] - (c.bias ? x.bias[j] : 0);
        ASSERT_NEAR(result[at], x.c[at] - 0.7 * sum, 1e-12) << c;
      }
    }
  }
  double c = 7;
  GemmAdd<double>(1, 1, 0, 2, {nullptr, 1}, {nullptr, 1}, &c, 1);
  EXPECT_EQ(c, 7);
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
