#include "framework/kernels/pool_of_four.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include "gtest/gtest.h"

namespace adjoint::kernels {
namespace {

// Few values, so that most windows have ties, and some NaN or infinity.
template <class T>
std::vector<T> DrawTies(int64_t n, std::mt19937& random) {
  constexpr T kInfinity = std::numeric_limits<T>::infinity();
  const T values[] = {-kInfinity, -1, 0, 1, 2, kInfinity, std::nan("")};
  std::vector<T> x(n);
  for (T& value : x) value = values[random() % 7];
  return x;
}

// Where the maximum of a window is: the first one, or the last NaN.
template <class T>
int64_t FindMaximum(const std::vector<T>& x, const int64_t (&window)[4]) {
  int64_t best = window[0];
  for (const int64_t at : window) {
    if (std::isnan(x[at]) || x[at] > x[best]) best = at;
  }
  return best;
}

// The columns of x beyond the windows are left alone.
template <class T>
void ExpectMatchesAScan(int64_t rows, int64_t columns, int64_t pad) {
  std::mt19937 random(columns);
  const int64_t width = 2 * columns + pad;
  const std::vector<T> x = DrawTies<T>(2 * rows * width, random);
  std::vector<T> dy(rows * columns), y(rows * columns), dx(x.size(), 7);
  for (T& value : dy) value = 1 + random() % 100;
  MaximaOfFour<T>(rows, columns, width, x.data(), y.data());
  SpreadOverFour<T>(rows, columns, width, x.data(), dy.data(), dx.data());

  std::vector<T> expected(x.size(), 7);
  for (int64_t i = 0; i < rows * columns; ++i) {
    const int64_t at = i / columns * 2 * width + i % columns * 2;
    const int64_t window[] = {at, at + 1, at + width, at + width + 1};
    for (const int64_t k : window) expected[k] = 0;
    const int64_t best = FindMaximum(x, window);
    expected[best] = dy[i];
    if (std::isnan(x[best])) {
      ASSERT_TRUE(std::isnan(y[i])) << columns << " columns, window " << i;
    } else {
      ASSERT_EQ(y[i], x[best]) << columns << " columns, window " << i;
    }
  }
  ASSERT_EQ(dx, expected) << columns << " columns";
}

TEST(PoolOfFour, FindsTheFirstMaximumOrTheLastNanInRowsOfAnyLength) {
  for (int64_t columns = 0; columns <= 40; ++columns) {
    for (const int64_t pad : {0, 1}) {
      ASSERT_NO_FATAL_FAILURE(ExpectMatchesAScan<float>(3, columns, pad));
      ASSERT_NO_FATAL_FAILURE(ExpectMatchesAScan<double>(3, columns, pad));
    }
  }
}

}  // namespace
}  // namespace adjoint::kernels
