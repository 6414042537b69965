#include "framework/kernels/reduce.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "framework/base/rng.h"

namespace adjoint::kernels {
namespace {

template <class T>
class Reduce : public ::testing::Test {};
using Types = ::testing::Types<float, double>;
TYPED_TEST_SUITE(Reduce, Types);

template <class T>
constexpr T kInfinity = std::numeric_limits<T>::infinity();
template <class T>
constexpr T kNan = std::numeric_limits<T>::quiet_NaN();

template <class T>
std::vector<T> Draw(int64_t n) {
  std::vector<T> x(n);
  Rng(n).FillUniform(absl::MakeSpan(x), -1, 1);
  return x;
}

// Every way in which rows end: with and without whole lanes and a rest, in
// and across groups of rows that are taken together, and longer than a block.
struct Extents {
  int64_t outer, n, inner;
};
std::vector<Extents> AllExtents() {
  std::vector<Extents> all = {{3, 0, 1},     {2, 0, 5},        {1, 5000, 1},
                              {2, 9001, 1},  {1, 70'000, 1},   {3, 300, 7},
                              {2, 1000, 10}, {2, 517, 1 + 63}, {1, 1030, 70}};
  for (int64_t n = 1; n <= 50; ++n) {
    for (int64_t outer : {1, 15, 16, 17, 35}) all.push_back({outer, n, 1});
    all.push_back({2, n, 3});
    all.push_back({1, n, 129});
  }
  return all;
}

TYPED_TEST(Reduce, SumIsThatOfLongDoubleButForItsRounding) {
  using T = TypeParam;
  for (const auto& [outer, n, inner] : AllExtents()) {
    const std::vector<T> x = Draw<T>(outer * n * inner);
    std::vector<T> y(outer * inner, kNan<T>);
    SumAxis(x.data(), outer, n, inner, y.data());
    for (int64_t o = 0; o < outer; ++o) {
      for (int64_t i = 0; i < inner; ++i) {
        long double sum = 0, size = 0;
        for (int64_t r = 0; r < n; ++r) {
          const long double v = x[(o * n + r) * inner + i];
          sum += v;
          size += std::abs(v);
        }
        // Half an ULP of what was added so far, at each of some dozen
        // additions that a term goes through, and 256 in a column.
        const double additions = inner == 1 ? 24 : 40;
        ASSERT_NEAR(y[o * inner + i], static_cast<double>(sum),
                    static_cast<double>(size) * additions *
                        std::numeric_limits<T>::epsilon())
            << outer << " " << n << " " << inner;
      }
    }
  }
}

TYPED_TEST(Reduce, MaxIsOneOfTheElementsAndNoneIsLarger) {
  using T = TypeParam;
  for (const auto& [outer, n, inner] : AllExtents()) {
    if (n == 0) continue;
    const std::vector<T> x = Draw<T>(outer * n * inner);
    std::vector<T> y(outer * inner, kNan<T>);
    MaxAxis(x.data(), outer, n, inner, y.data());
    for (int64_t o = 0; o < outer; ++o) {
      for (int64_t i = 0; i < inner; ++i) {
        T max = x[o * n * inner + i];
        for (int64_t r = 1; r < n; ++r) {
          max = std::max(max, x[(o * n + r) * inner + i]);
        }
        ASSERT_EQ(y[o * inner + i], max) << outer << " " << n << " " << inner;
      }
    }
  }
}

// One special value at each place, as a row and as a column.
TYPED_TEST(Reduce, NanAndInfinitiesReachTheirResultAndNoOther) {
  using T = TypeParam;
  for (const int64_t n : {1, 4, 10, 16, 19, 33, 300}) {
    for (int64_t at = 0; at < n; ++at) {
      for (const T special : {kNan<T>, kInfinity<T>, -kInfinity<T>}) {
        // [2, n] by rows; as [n, 2] by columns the same elements.
        std::vector<T> rows(2 * n, 1), columns(2 * n, 1);
        rows[n + at] = columns[2 * at + 1] = special;
        for (const bool by_rows : {true, false}) {
          T sum[2], max[2];
          const T* x = by_rows ? rows.data() : columns.data();
          SumAxis(x, by_rows ? 2 : 1, n, by_rows ? 1 : 2, sum);
          MaxAxis(x, by_rows ? 2 : 1, n, by_rows ? 1 : 2, max);
          EXPECT_EQ(sum[0], n);
          EXPECT_EQ(max[0], 1);
          if (std::isnan(special)) {
            EXPECT_TRUE(std::isnan(sum[1]) && std::isnan(max[1]));
          } else {
            EXPECT_EQ(sum[1], special);
            EXPECT_EQ(max[1], n == 1 ? special : std::max(special, T(1)));
          }
        }
      }
    }
  }
}

TYPED_TEST(Reduce, DenormalsAreNotFlushed) {
  using T = TypeParam;
  constexpr T kTiny = std::numeric_limits<T>::denorm_min();
  const std::vector<T> x(20, kTiny);
  T sum, max;
  SumAxis(x.data(), 1, 20, 1, &sum);
  MaxAxis(x.data(), 1, 20, 1, &max);
  EXPECT_EQ(sum, 20 * kTiny);
  EXPECT_EQ(max, kTiny);
}

}  // namespace
}  // namespace adjoint::kernels
