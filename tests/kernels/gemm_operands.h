// Operands of matrix products, and the instruction sets that they are tested
// on.
#ifndef ADJOINT_TESTS_KERNELS_GEMM_OPERANDS_H_
#define ADJOINT_TESTS_KERNELS_GEMM_OPERANDS_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <ostream>
#include <random>
#include <string>
#include <vector>

#include "framework/base/parallel_for.h"
#include "framework/kernels/gemm.h"
#include "hwy/highway.h"

namespace adjoint::kernels {

struct Case {
  int64_t m, n, k;
  bool transpose_a = false, transpose_b = false;
  int64_t pad = 0;  // Added to each row in memory.
  bool bias = false;
};

inline std::ostream& operator<<(std::ostream& out, const Case& c) {
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

// Shapes that reach every way of computing and every boundary of a block.
inline std::vector<Case> Shapes() {
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

}  // namespace adjoint::kernels

#endif  // ADJOINT_TESTS_KERNELS_GEMM_OPERANDS_H_
