#include "framework/kernels/norm.h"

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
class NormKernels : public ::testing::Test {};
using Types = ::testing::Types<float, double>;
TYPED_TEST_SUITE(NormKernels, Types);

constexpr double kEpsilon = 1e-5;

template <class T>
std::vector<T> Draw(int64_t n, double low, double high) {
  std::vector<T> x(n);
  Rng(n).FillUniform(absl::MakeSpan(x), low, high);
  return x;
}

// Layer normalisation of rows, and its gradients.
template <class T>
struct Layer {
  std::vector<T> y, dx, dw;
};

// Of x and dy [rows, n], with w [n] for weight and bias.
template <class T>
Layer<T> LayerOf(const std::vector<T>& x, const std::vector<T>& dy,
                 const std::vector<T>& w, int64_t rows) {
  Layer<T> of{std::vector<T>(x.size()), std::vector<T>(x.size()),
              std::vector<T>(w.size())};
  const NormLayout layout = {1, rows, static_cast<int64_t>(w.size()), true};
  Norm(x.data(), w.data(), w.data(), layout, kEpsilon, of.y.data());
  NormGradient(dy.data(), x.data(), w.data(), layout, kEpsilon, of.dx.data());
  NormWeightGradient(dy.data(), x.data(), layout, kEpsilon, of.dw.data());
  return of;
}

// The formulas of norm.h, as they stand.
template <class T>
Layer<long double> PlainLayer(const std::vector<T>& x, const std::vector<T>& dy,
                              const std::vector<T>& w, int64_t rows) {
  const int64_t n = w.size();
  Layer<long double> plain{std::vector<long double>(x.size()),
                           std::vector<long double>(x.size()),
                           std::vector<long double>(n)};
  for (int64_t i = 0; i < rows * n; i += n) {
    long double mean = 0, variance = 0, mean_u = 0, mean_uz = 0;
    for (int64_t j = 0; j < n; ++j) mean += x[i + j] / (1.0L * n);
    for (int64_t j = 0; j < n; ++j) {
      variance += (x[i + j] - mean) * (x[i + j] - mean) / n;
    }
    const long double rstd = 1 / std::sqrt(variance + kEpsilon);
    for (int64_t j = 0; j < n; ++j) {
      const long double z = (x[i + j] - mean) * rstd;
      const long double u = 1.0L * w[j] * dy[i + j];
      plain.y[i + j] = z * w[j] + w[j];
      plain.dw[j] += dy[i + j] * z;
      mean_u += u / n;
      mean_uz += u * z / n;
    }
    for (int64_t j = 0; j < n; ++j) {
      const long double z = (x[i + j] - mean) * rstd;
      plain.dx[i + j] = rstd * (w[j] * dy[i + j] - mean_u - z * mean_uz);
    }
  }
  return plain;
}

TYPED_TEST(NormKernels, OfRowsAreThePlainFormulas) {
  using T = TypeParam;
  constexpr double kEps = std::numeric_limits<T>::epsilon();
  for (const int64_t n :
       {1, 2, 3, 8, 10, 16, 17, 64, 100, 128, 129, 300, 1024, 1025}) {
    for (const int64_t rows : {1, 2, 16, 31, 33, 70, 130}) {
      const std::vector<T> x = Draw<T>(rows * n, -1, 3);
      const std::vector<T> dy = Draw<T>(rows * n + 1, -1, 1);
      const std::vector<T> w = Draw<T>(n, 0.5, 1.5);
      const Layer<T> got = LayerOf(x, dy, w, rows);
      const Layer<long double> want = PlainLayer(x, dy, w, rows);
      // A row of one element, or of two that are alike, has a large rstd.
      const double condition = n < 4 ? 1e5 : 64;
      for (int64_t i = 0; i < rows * n; ++i) {
        ASSERT_NEAR(got.y[i], want.y[i], condition * kEps) << rows << " " << n;
        ASSERT_NEAR(got.dx[i], want.dx[i],
                    condition * kEps * (1 + std::abs(want.dx[i])) * 4)
            << rows << " " << n;
      }
      for (int64_t j = 0; j < n; ++j) {
        ASSERT_NEAR(got.dw[j], want.dw[j], condition * kEps * rows);
      }
    }
  }
}

TYPED_TEST(NormKernels, OfARowDependOnNoOtherRow) {
  using T = TypeParam;
  constexpr int64_t kRows = 70;
  for (const int64_t n : {1, 5, 10, 16, 64, 100, 200, 1000}) {
    const std::vector<T> x = Draw<T>(kRows * n, -1, 3);
    const std::vector<T> dy = Draw<T>(kRows * n + 1, -1, 1);
    const std::vector<T> w = Draw<T>(n, 0.5, 1.5);
    const Layer<T> all = LayerOf(x, dy, w, kRows);
    for (const int64_t r : {0, 33, 69}) {
      const auto row = [&](const std::vector<T>& v) {
        return std::vector<T>(v.begin() + r * n, v.begin() + (r + 1) * n);
      };
      const Layer<T> one = LayerOf(row(x), row(dy), w, 1);
      EXPECT_EQ(row(all.y), one.y) << r << " of " << n;
      EXPECT_EQ(row(all.dx), one.dx) << r << " of " << n;
    }
  }
}

TYPED_TEST(NormKernels, OfRowsKeepNanToItsRow) {
  using T = TypeParam;
  for (const int64_t n : {2, 10, 64, 300}) {
    std::vector<T> x = Draw<T>(40 * n, -1, 3);
    x[20 * n + 1] = std::numeric_limits<T>::quiet_NaN();
    const std::vector<T> w(n, 1);
    const Layer<T> got = LayerOf(x, x, w, 40);
    for (int64_t i = 0; i < 40 * n; ++i) {
      EXPECT_EQ(std::isnan(got.y[i]), i / n == 20);
      EXPECT_EQ(std::isnan(got.dx[i]), i / n == 20);
    }
  }
}

// Statistics, values and gradients of groups, as of channels of images.
struct Groups {
  std::vector<double> moments, y, dx, dw;
};

template <class T>
Groups GroupsOf(const std::vector<T>& x, const std::vector<T>& dy,
                const std::vector<T>& w, const NormLayout& layout) {
  std::vector<T> moments(2 * w.size()), y(x.size()), dx(x.size()), dw(w.size());
  GroupMoments(x.data(), layout, moments.data());
  Norm(x.data(), w.data(), w.data(), layout, kEpsilon, y.data());
  NormGradient(dy.data(), x.data(), w.data(), layout, kEpsilon, dx.data());
  NormWeightGradient(dy.data(), x.data(), layout, kEpsilon, dw.data());
  const auto wide = [](const std::vector<T>& v) {
    return std::vector<double>(v.begin(), v.end());
  };
  return {wide(moments), wide(y), wide(dx), wide(dw)};
}

// The formulas of norm.h, as they stand.
template <class T>
Groups PlainGroups(const std::vector<T>& x, const std::vector<T>& dy,
                   const std::vector<T>& w, const NormLayout& layout) {
  const auto groups = static_cast<size_t>(layout.groups);
  const long double n = layout.outer * layout.inner;
  const auto of = [&](size_t i) { return i / layout.inner % groups; };
  std::vector<long double> mean(groups), variance(groups), sum(groups),
      product(groups);
  const auto z = [&](size_t i) {
    return (x[i] - mean[of(i)]) / std::sqrt(variance[of(i)] + kEpsilon);
  };
  for (size_t i = 0; i < x.size(); ++i) mean[of(i)] += x[i] / n;
  for (size_t i = 0; i < x.size(); ++i) {
    variance[of(i)] += (x[i] - mean[of(i)]) * (x[i] - mean[of(i)]) / n;
  }
  for (size_t i = 0; i < x.size(); ++i) {
    sum[of(i)] += dy[i];
    product[of(i)] += dy[i] * z(i);
  }
  Groups plain{{mean.begin(), mean.end()}, {}, {}, {}};
  plain.moments.insert(plain.moments.end(), variance.begin(), variance.end());
  plain.dw.assign(product.begin(), product.end());
  for (size_t i = 0; i < x.size(); ++i) {
    const size_t g = of(i);
    plain.y.push_back(z(i) * w[g] + w[g]);
    plain.dx.push_back(w[g] / std::sqrt(variance[g] + kEpsilon) *
                       (dy[i] - sum[g] / n - z(i) * product[g] / n));
  }
  return plain;
}

// Each within `bound` times its size or 1.
void ExpectNear(const std::vector<double>& got, const std::vector<double>& want,
                double bound) {
  ASSERT_EQ(got.size(), want.size());
  for (size_t i = 0; i < got.size(); ++i) {
    ASSERT_NEAR(got[i], want[i], bound * std::max(1., std::abs(want[i]))) << i;
  }
}

// Also of fewer columns than a vector has and of more than one piece takes;
// around 0, and far from it.
TYPED_TEST(NormKernels, OfGroupsAreThePlainFormulas) {
  using T = TypeParam;
  constexpr double kEps = std::numeric_limits<T>::epsilon();
  for (const int64_t inner : {1, 4, 15, 16, 49}) {
    for (const int64_t groups : {1, 3, 16, 70, 300}) {
      for (const int64_t outer : {5, 33, 100, 700}) {
        if (outer * groups * inner > 100'000) continue;
        SCOPED_TRACE(testing::Message()
                     << outer << " " << groups << " " << inner);
        const NormLayout layout = {outer, groups, inner, false};
        std::vector<T> x = Draw<T>(outer * groups * inner, -1, 3);
        for (size_t i = 0; i < x.size(); ++i) {
          if (i / inner % groups == 2) x[i] += 4096;
        }
        const std::vector<T> dy = Draw<T>(outer * groups * inner + 1, -1, 1);
        const std::vector<T> w = Draw<T>(groups, 0.5, 1.5);
        const Groups got = GroupsOf(x, dy, w, layout);
        const Groups want = PlainGroups(x, dy, w, layout);
        ASSERT_NO_FATAL_FAILURE(
            ExpectNear(got.moments, want.moments, 8 * kEps));
        ASSERT_NO_FATAL_FAILURE(ExpectNear(got.y, want.y, 16 * kEps));
        ASSERT_NO_FATAL_FAILURE(ExpectNear(got.dx, want.dx, 32 * kEps));
        ASSERT_NO_FATAL_FAILURE(ExpectNear(
            got.dw, want.dw, 2 * kEps * std::sqrt(outer * inner) + 64 * kEps));
      }
    }
  }
}

TYPED_TEST(NormKernels, OfGroupsKeepNanToItsGroup) {
  using T = TypeParam;
  for (const int64_t groups : {3, 70, 300}) {
    std::vector<T> x = Draw<T>(40 * groups, -1, 3);
    x[7 * groups + 1] = std::numeric_limits<T>::quiet_NaN();
    const Groups got =
        GroupsOf(x, x, std::vector<T>(groups, 1), {40, groups, 1, false});
    for (int64_t i = 0; i < 40 * groups; ++i) {
      EXPECT_EQ(std::isnan(got.y[i]), i % groups == 1);
      EXPECT_EQ(std::isnan(got.dx[i]), i % groups == 1);
    }
    for (int64_t g = 0; g < groups; ++g) {
      EXPECT_EQ(std::isnan(got.dw[g]), g == 1);
    }
  }
}

// Channels of one pixel, of a few and of many, more of them than one piece
// takes and fewer.
TYPED_TEST(NormKernels, GivenStatisticsScaleEachChannel) {
  using T = TypeParam;
  for (const int64_t inner : {1, 4, 15, 16, 49}) {
    for (const int64_t groups : {1, 3, 16, 700}) {
      for (const int64_t outer : {1, 2, 33, 100}) {
        const std::vector<T> x = Draw<T>(outer * groups * inner, -1, 3);
        const std::vector<T> mean = Draw<T>(groups, -1, 3);
        const std::vector<T> w = Draw<T>(groups, 0.5, 1.5), b = mean;
        std::vector<T> y(x.size());
        ScaleGroups(x.data(), mean.data(), w.data(), b.data(),
                    {outer, groups, inner, false}, y.data());
        for (size_t i = 0; i < x.size(); ++i) {
          const int64_t g = static_cast<int64_t>(i) / inner % groups;
          const double want = (double{x[i]} - mean[g]) * w[g] + b[g];
          ASSERT_NEAR(y[i], want, 16 * std::numeric_limits<T>::epsilon())
              << outer << " " << groups << " " << inner;
        }
      }
    }
  }
}

}  // namespace
}  // namespace adjoint::kernels
