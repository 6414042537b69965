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

// Of 2 planes, with a last row and column in no window if `odd`.
Pool2dShape ShapeOfFour(int64_t columns, bool odd) {
  return {2, Windows(6 + odd, 2, 2, 0), Windows(2 * columns + odd, 2, 2, 0)};
}

// Calls fn(k, window) with the places of the elements of each window k.
template <class Fn>
void ForEachWindow(const Pool2dShape& s, Fn fn) {
  const int64_t width = s.w.extent;
  for (int64_t k = 0; k < s.planes * s.positions(); ++k) {
    const int64_t plane = k / s.positions(), i = k % s.positions();
    const int64_t at =
        plane * s.image() + i / s.w.count * 2 * width + i % s.w.count * 2;
    const int64_t window[] = {at, at + 1, at + width, at + width + 1};
    fn(k, window);
  }
}

template <class T>
void ExpectMatchesAScan(const Pool2dShape& s) {
  std::mt19937 random(s.w.count);
  const std::vector<T> x = DrawTies<T>(s.planes * s.image(), random);
  std::vector<T> dy(s.planes * s.positions()), y(dy.size()), dx(x.size(), 7);
  for (T& value : dy) value = 1 + random() % 100;
  MaximaOfFour(s, s.planes, x.data(), y.data());
  SpreadOverFour(s, s.planes, x.data(), dy.data(), dx.data());

  std::vector<T> expected(x.size(), 0);
  ForEachWindow(s, [&](int64_t k, const int64_t(&window)[4]) {
    const int64_t best = FindMaximum(x, window);
    expected[best] = dy[k];
    ASSERT_TRUE(std::isnan(x[best]) ? std::isnan(y[k]) : y[k] == x[best])
        << s.w.extent << " columns, window " << k;
  });
  ASSERT_EQ(dx, expected) << s.w.extent << " columns";
}

template <class T>
void ExpectMeans(const Pool2dShape& s) {
  std::mt19937 random(s.w.count);
  std::vector<T> x(s.planes * s.image()), dx(x.size(), 7), given(x.size(), 0);
  std::vector<T> dy(s.planes * s.positions()), y(dy.size()), means(dy.size());
  for (T& value : x) value = random() % 100;
  for (T& value : dy) value = random() % 100;
  MeansOfFour(s, s.planes, x.data(), y.data());
  ShareAmongFour(s, s.planes, dy.data(), dx.data());

  ForEachWindow(s, [&](int64_t k, const int64_t(&window)[4]) {
    for (const int64_t i : window) {
      means[k] += x[i] / 4;
      given[i] = dy[k] / 4;
    }
  });
  ASSERT_EQ(y, means) << s.w.extent << " columns";
  ASSERT_EQ(dx, given) << s.w.extent << " columns";
}

TEST(PoolOfFour, FindsTheFirstMaximumOrTheLastNanInRowsOfAnyLength) {
  for (int64_t columns = 1; columns <= 40; ++columns) {
    for (const bool odd : {false, true}) {
      const Pool2dShape s = ShapeOfFour(columns, odd);
      ASSERT_TRUE(IsOfFour(s));
      ASSERT_NO_FATAL_FAILURE(ExpectMatchesAScan<float>(s));
      ASSERT_NO_FATAL_FAILURE(ExpectMatchesAScan<double>(s));
    }
  }
}

TEST(PoolOfFour, AveragesAndSharesInRowsOfAnyLength) {
  for (int64_t columns = 1; columns <= 40; ++columns) {
    for (const bool odd : {false, true}) {
      const Pool2dShape s = ShapeOfFour(columns, odd);
      ASSERT_NO_FATAL_FAILURE(ExpectMeans<float>(s));
      ASSERT_NO_FATAL_FAILURE(ExpectMeans<double>(s));
    }
  }
}

TEST(PoolOfFour, IsForNoOtherWindows) {
  EXPECT_FALSE(IsOfFour({1, Windows(4, 2, 2, 0), Windows(4, 2, 1, 0)}));
  EXPECT_FALSE(IsOfFour({1, Windows(4, 3, 2, 0), Windows(4, 2, 2, 0)}));
  EXPECT_FALSE(IsOfFour({1, Windows(4, 2, 2, 0), Windows(4, 2, 2, 1)}));
}

}  // namespace
}  // namespace adjoint::kernels
