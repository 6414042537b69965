// A product that is added to what is there.

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "framework/base/parallel_for.h"
#include "framework/kernels/gemm.h"
#include "gtest/gtest.h"
#include "hwy/highway.h"
#include "tests/kernels/gemm_operands.h"

namespace adjoint::kernels {
namespace {

class GemmAddTest : public GemmTest {};

INSTANTIATE_TEST_SUITE_P(Targets, GemmAddTest,
                         testing::ValuesIn(GemmTest::Targets()),
                         [](const auto& info) {
                           return std::string(hwy::TargetName(info.param));
                         });

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

TEST_P(GemmAddTest, AddsAMultipleOfTheSameSums) {
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

TEST_P(GemmAddTest, AddsInAnyShape) {
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

}  // namespace
}  // namespace adjoint::kernels
