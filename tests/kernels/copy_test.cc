#include "framework/kernels/copy.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <numeric>
#include <vector>

#include "framework/kernels/index.h"
#include "framework/kernels/transpose.h"

namespace adjoint::kernels {
namespace {

template <class T>
class Copy : public ::testing::Test {};
using Types = ::testing::Types<float, double, int32_t>;
TYPED_TEST_SUITE(Copy, Types);

// Below and above whole vectors of any width, and what is cut into pieces.
std::vector<int64_t> Lengths() {
  std::vector<int64_t> lengths(70);
  std::iota(lengths.begin(), lengths.end(), 1);
  for (int64_t n : {100, 127, 128, 129, 255, 256, 257, 300, 1000}) {
    lengths.push_back(n);
  }
  for (int64_t n : {-1, 0, 1, 5000}) lengths.push_back(kCopyGrain + n);
  return lengths;
}

// Each element says where it lies, and no element is zero. Exactly as long as
// said, so that AddressSanitizer sees whoever reads on.
template <class T>
std::vector<T> Numbers(int64_t size, T first = T{1}) {
  std::vector<T> numbers(size);
  std::iota(numbers.begin(), numbers.end(), first);
  return numbers;
}

// What nobody has written.
template <class T>
constexpr T kUntouched = T{-1};

TYPED_TEST(Copy, TakesRowsFromBetweenGapsToBetweenGaps) {
  using T = TypeParam;
  for (int64_t n : Lengths()) {
    for (int64_t gap : {0, 1, 3, 16}) {
      const int64_t rows = 5, step_x = n + 2 * gap, step_y = n + gap;
      const std::vector<T> x = Numbers<T>(rows * step_x - 2 * gap);
      std::vector<T> y(rows * step_y, kUntouched<T>);
      CopyRows(x.data(), step_x, y.data(), step_y, rows, n);
      for (int64_t i = 0; i < rows * step_y; ++i) {
        const int64_t r = i / step_y, at = i % step_y;
        ASSERT_EQ(y[i], at < n ? x[r * step_x + at] : kUntouched<T>)
            << "element " << at << " of row " << r << " of " << n << ", gap "
            << gap;
      }
    }
  }
}

TYPED_TEST(Copy, PadsRowsOfAnyLengthByAnyNumberOfZeros) {
  using T = TypeParam;
  const int64_t rows = 3;
  for (int64_t n : Lengths()) {
    for (int64_t before : {0, 1, 5, 40, 300}) {
      const int64_t after = (before + n) % 80, width = before + n + after;
      const std::vector<T> x = Numbers<T>(rows * n);
      std::vector<T> y(rows * width + 1, kUntouched<T>);
      PadRows(x.data(), rows, n, before, after, y.data());
      for (int64_t i = 0; i < rows * width; ++i) {
        const int64_t r = i / width, at = i % width - before;
        ASSERT_EQ(y[i], 0 <= at && at < n ? x[r * n + at] : T{0})
            << "element " << at << " of row " << r << " of " << n << " after "
            << before;
      }
      ASSERT_EQ(y.back(), kUntouched<T>) << "written behind the end";
    }
  }
}

TYPED_TEST(Copy, PutsRowsSideBySide) {
  using T = TypeParam;
  const int64_t rows = 3;
  for (int64_t n : Lengths()) {
    const std::vector<int64_t> widths = {n, 0, 7, n % 5, 2 * n};
    const int64_t width =
        std::accumulate(widths.begin(), widths.end(), int64_t{0});
    std::vector<std::vector<T>> arrays;
    for (size_t i = 0; i < widths.size(); ++i) {
      arrays.push_back(Numbers<T>(rows * widths[i], T(200'000 * (i + 1))));
    }
    std::vector<RowsOf<T>> xs;
    for (size_t i = 0; i < widths.size(); ++i) {
      xs.push_back({arrays[i].data(), widths[i]});
    }
    std::vector<T> y(rows * width + 1, kUntouched<T>);
    ConcatRows<T>(xs, rows, y.data());
    int64_t at = 0;
    for (int64_t r = 0; r < rows; ++r) {
      for (const RowsOf<T>& x : xs) {
        for (int64_t i = 0; i < x.n; ++i, ++at) {
          ASSERT_EQ(y[at], x.data[r * x.n + i])
              << "element " << i << " of row " << r << " of " << x.n << ", n "
              << n;
        }
      }
    }
    ASSERT_EQ(y.back(), kUntouched<T>) << "written behind the end";
  }
}

TYPED_TEST(Copy, GathersRowsOfAnyLength) {
  using T = TypeParam;
  const std::vector<int32_t> indices = {2, 0, 2, 1};
  for (int64_t n : Lengths()) {
    const std::vector<T> x = Numbers<T>(3 * n);
    std::vector<T> y(4 * n + 1, kUntouched<T>);
    GatherRows<T>(x.data(), indices, n, y.data());
    for (int64_t i = 0; i < 4 * n; ++i) {
      ASSERT_EQ(y[i], x[indices[i / n] * n + i % n])
          << "element " << i % n << " of row " << i / n << " of " << n;
    }
    ASSERT_EQ(y[4 * n], kUntouched<T>) << "written behind the end";
  }
}

// y [a,c,b,n] = x [a,b,c,n]
template <class T>
void ExpectRowsTransposed(int64_t a, int64_t b, int64_t c, int64_t n) {
  const std::vector<T> x = Numbers<T>(a * b * c * n);
  std::vector<T> y(x.size() + 1, kUntouched<T>);
  Transpose<T>(x.data(), {a, b, c, n}, {0, 2, 1, 3}, y.data());
  for (size_t i = 0; i < x.size(); ++i) {
    const int64_t r = i / n, row = (r / (b * c) * c + r % c) * b + r / c % b;
    ASSERT_EQ(y[row * n + i % n], x[i])
        << "element " << i % n << " of row " << r << " of " << n;
  }
  EXPECT_EQ(y[x.size()], kUntouched<T>) << "written behind the end";
}

TYPED_TEST(Copy, TransposesRowsOfAnyLength) {
  using T = TypeParam;
  for (int64_t n : Lengths()) {
    ExpectRowsTransposed<T>(1, 3, 2, n);
    ExpectRowsTransposed<T>(2, 3, 4, n);
  }
  // Chunks begin anywhere in the nest.
  for (int64_t n : {3, 7, 64}) {
    ExpectRowsTransposed<T>(1, 701, 17, n);
    ExpectRowsTransposed<T>(101, 7, 11, n);
  }
}

}  // namespace
}  // namespace adjoint::kernels
