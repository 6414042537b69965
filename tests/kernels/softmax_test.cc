#include "framework/kernels/softmax.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "framework/base/rng.h"

namespace adjoint::kernels {
namespace {

template <class T>
class SoftmaxRows : public ::testing::Test {};
using Types = ::testing::Types<float, double>;
TYPED_TEST_SUITE(SoftmaxRows, Types);

template <class T>
constexpr T kInfinity = std::numeric_limits<T>::infinity();
template <class T>
constexpr T kNan = std::numeric_limits<T>::quiet_NaN();

// What each function makes of x [rows, n], with labels r % n and dy = r + 1.
template <class T>
struct Results {
  std::vector<T> softmax, log_softmax, loss, gradient;

  Results(const std::vector<T>& x, int64_t rows, int64_t n)
      : softmax(x.size()),
        log_softmax(x.size()),
        loss(rows),
        gradient(x.size()) {
    std::vector<int32_t> label(rows);
    std::vector<T> dy(rows);
    for (int64_t r = 0; r < rows; ++r) {
      label[r] = static_cast<int32_t>(r % n);
      dy[r] = static_cast<T>(r + 1);
    }
    Softmax(x.data(), rows, n, 1, softmax.data());
    LogSoftmax(x.data(), rows, n, 1, log_softmax.data());
    CrossEntropy(x.data(), label.data(), rows, n, loss.data());
    CrossEntropyGrad(dy.data(), x.data(), label.data(), rows, n,
                     gradient.data());
  }
};

// Rows shorter than a vector and longer, in whole groups and not.
TYPED_TEST(SoftmaxRows, AgreeWithLongDoubleForRowsShortAndLong) {
  using T = TypeParam;
  const T tolerance = 16 * std::numeric_limits<T>::epsilon();
  for (const int64_t n : {1, 2, 3, 7, 8, 9, 10, 15, 16, 17, 33, 65, 2000}) {
    for (const int64_t rows : {1, 2, 16, 17, 100}) {
      std::vector<T> x(rows * n);
      Rng(n).FillNormal(absl::MakeSpan(x), 0, 5);
      const Results<T> got(x, rows, n);
      for (int64_t r = 0; r < rows; ++r) {
        const T* row = x.data() + r * n;
        const long double max = *std::max_element(row, row + n);
        long double sum = 0;
        for (int64_t c = 0; c < n; ++c) sum += std::exp(row[c] - max);
        const int64_t label = r % n;
        long double others = 0;
        for (int64_t c = 0; c < n; ++c) {
          if (c != label) others += std::exp(row[c] - max) / sum;
        }
        // Losses near 0 are as exact as the sum, which is near 1.
        const long double loss = std::log(sum) + (max - row[label]);
        ASSERT_NEAR(got.loss[r], loss, tolerance * (1 + loss))
            << r << " of " << n;
        for (int64_t c = 0; c < n; ++c) {
          const int64_t i = r * n + c;
          const long double log_p = row[c] - max - std::log(sum);
          const long double p = std::exp(log_p);
          const long double dx = (r + 1) * (c == label ? -others : p);
          // x - max is rounded, by up to half an ULP of it.
          const long double bound = tolerance * (1 - log_p / 16);
          ASSERT_NEAR(got.softmax[i], p, bound * p);
          ASSERT_NEAR(got.log_softmax[i], log_p, tolerance * (1 - log_p));
          ASSERT_NEAR(got.gradient[i], dx, bound * std::abs(dx));
        }
      }
    }
  }
}

// Along rows and along columns.
TYPED_TEST(SoftmaxRows, GradientAgreesWithLongDouble) {
  using T = TypeParam;
  const T tolerance = 8 * std::numeric_limits<T>::epsilon();
  constexpr int64_t kOuter = 37;
  for (const int64_t inner : {1, 3, 64, 70}) {
    for (const int64_t n : {1, 2, 10, 15, 16, 17, 65, 1100}) {
      const int64_t size = kOuter * n * inner;
      std::vector<T> y(size), dy(size), dx(size);
      Rng(n).FillUniform(absl::MakeSpan(y), 0, 1);
      Rng(n + 1).FillUniform(absl::MakeSpan(dy), -1, 1);
      SoftmaxGrad(dy.data(), y.data(), kOuter, n, inner, dx.data());
      for (int64_t o = 0; o < kOuter; ++o) {
        for (int64_t i = 0; i < inner; ++i) {
          const int64_t first = o * n * inner + i;
          long double sum = 0, size_of_sum = 1;
          for (int64_t r = 0; r < n; ++r) {
            const int64_t at = first + r * inner;
            const long double product = 1.0L * dy[at] * y[at];
            sum += product;
            size_of_sum += std::abs(product);
          }
          for (int64_t r = 0; r < n; ++r) {
            const int64_t at = first + r * inner;
            ASSERT_NEAR(dx[at], y[at] * (dy[at] - sum), tolerance * size_of_sum)
                << at << " of [" << kOuter << "," << n << "," << inner << "]";
          }
        }
      }
    }
  }
}

// A special value spoils its own row alone, wherever the row lies.
TYPED_TEST(SoftmaxRows, KeepNanAndInfinityToTheirRow) {
  using T = TypeParam;
  constexpr int64_t kRows = 40;
  for (const int64_t n : {1, 3, 10, 32, 40}) {
    for (const T special : {kNan<T>, kInfinity<T>}) {
      for (const int64_t bad : {0, 5, 31, 32, 39}) {
        std::vector<T> x(kRows * n, 1);
        x[bad * n + n / 2] = special;
        const Results<T> got(x, kRows, n);
        for (int64_t i = 0; i < kRows * n; ++i) {
          const bool spoilt = i / n == bad;
          EXPECT_EQ(std::isnan(got.softmax[i]), spoilt) << i;
          EXPECT_EQ(std::isnan(got.log_softmax[i]), spoilt) << i;
          EXPECT_EQ(std::isnan(got.gradient[i]), spoilt) << i;
        }
        for (int64_t r = 0; r < kRows; ++r) {
          EXPECT_EQ(std::isnan(got.loss[r]), r == bad) << r;
        }
      }
    }
  }
}

TYPED_TEST(SoftmaxRows,
           MinusInfinityHasProbabilityZeroUnlessThereIsNothingElse) {
  using T = TypeParam;
  for (const int64_t n : {2, 10, 40}) {
    std::vector<T> x(2 * n, -kInfinity<T>);
    x[0] = 3;
    const Results<T> got(x, 2, n);
    EXPECT_EQ(got.softmax[0], 1);
    EXPECT_EQ(got.softmax[1], 0);
    EXPECT_EQ(got.log_softmax[0], 0);
    EXPECT_EQ(got.log_softmax[1], -kInfinity<T>);
    EXPECT_EQ(got.loss[0], 0);
    EXPECT_TRUE(std::isnan(got.softmax[n]));
    EXPECT_TRUE(std::isnan(got.loss[1]));
  }
}

// e^-100 of f32 and e^-740 of f64 are denormal.
TYPED_TEST(SoftmaxRows, DoNotFlushDenormals) {
  using T = TypeParam;
  const T low = sizeof(T) == sizeof(float) ? -100 : -740;
  for (const int64_t n : {2, 40}) {
    std::vector<T> x(n, -kInfinity<T>);
    x[0] = 0;
    x[1] = low;
    const Results<T> got(x, 1, n);
    EXPECT_NEAR(got.softmax[1] / std::exp(low), 1, 0.02);
  }
}

// The same row gives the same bits alone and among others.
TYPED_TEST(SoftmaxRows, DependOnNoOtherRow) {
  using T = TypeParam;
  for (const int64_t n : {1, 2, 5, 8, 10, 16, 40, 200, 1500}) {
    std::vector<T> x(70 * n);
    Rng(n).FillNormal(absl::MakeSpan(x), 0, 3);
    const Results<T> all(x, 70, n);
    for (const int64_t r : {0, 33, 69}) {
      const Results<T> one({x.begin() + r * n, x.begin() + (r + 1) * n}, 1, n);
      for (int64_t c = 0; c < n; ++c) {
        EXPECT_EQ(all.softmax[r * n + c], one.softmax[c]);
        EXPECT_EQ(all.log_softmax[r * n + c], one.log_softmax[c]);
      }
      // Their labels are those of row 0, unless n is 1.
      if (n == 1 || r == 0) {
        EXPECT_EQ(all.loss[r], one.loss[0]);
      }
    }
  }
}

}  // namespace
}  // namespace adjoint::kernels
