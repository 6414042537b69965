#include "framework/kernels/pool.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "framework/base/rng.h"

namespace adjoint::kernels {
namespace {

template <class T>
class Pool : public ::testing::Test {};
using Types = ::testing::Types<float, double>;
TYPED_TEST_SUITE(Pool, Types);

// Windows of every kind: that overlap, that touch and that leave gaps; with
// padding and without; rows shorter than a vector and longer.
std::vector<Pool2dShape> Shapes() {
  std::vector<Pool2dShape> shapes;
  for (const int64_t width : {1, 2, 5, 14, 28, 35, 70}) {
    for (const int64_t size : {1, 2, 3, 4, 7}) {
      for (const int64_t stride : {1, 2, 3, 4, 5, 1000}) {
        for (const int64_t padding : {0, 1, 3}) {
          if (2 * padding > size || width + 2 * padding < size) continue;
          shapes.push_back({3, Windows(7, std::min<int64_t>(size, 7), 2, 0),
                            Windows(width, size, stride, padding)});
          shapes.push_back(
              {2, Windows(width, size, stride, padding), Windows(9, 3, 2, 1)});
        }
      }
    }
  }
  // Planes of more rows than are taken together.
  shapes.push_back({1, Windows(41, 3, 1, 1), Windows(300, 3, 2, 1)});
  shapes.push_back({1, Windows(61, 4, 3, 2), Windows(300, 2, 1, 0)});
  shapes.push_back({1, Windows(50, 1, 3, 0), Windows(400, 5, 4, 2)});
  return shapes;
}

// Few different numbers, so that there are equal ones in a window.
template <class T>
std::vector<T> Draw(int64_t n) {
  std::vector<T> x(n);
  Rng rng(n + 1);
  for (T& v : x) v = static_cast<T>(rng.NextBelow(9)) / 4 - 1;
  return x;
}

// Calls f(p, i) for each element i of x that window p of y sees.
template <class Fn>
void ForEachSeen(const Pool2dShape& s, Fn f) {
  for (int64_t p = 0; p < s.planes * s.positions(); ++p) {
    const int64_t plane = p / s.positions();
    const int64_t r = p % s.positions() / s.w.count, q = p % s.w.count;
    for (int64_t i = 0; i < s.h.size; ++i) {
      for (int64_t j = 0; j < s.w.size; ++j) {
        const int64_t row = s.h.At(r, i), column = s.w.At(q, j);
        if (row < 0 || row >= s.h.extent) continue;
        if (column < 0 || column >= s.w.extent) continue;
        f(p, plane * s.image() + row * s.w.extent + column);
      }
    }
  }
}

TYPED_TEST(Pool, MaximaAndTheirPlacesAreThoseOfThePlainLoop) {
  using T = TypeParam;
  for (const Pool2dShape& s : Shapes()) {
    const int64_t size = s.planes * s.image();
    const int64_t windows = s.planes * s.positions();
    std::vector<T> x = Draw<T>(size);
    for (int64_t i = 0; i < size; i += 31) {
      x[i] = std::numeric_limits<T>::quiet_NaN();
    }
    // Zeros of both signs are equal; infinity is less than NaN.
    for (int64_t i = 0; i < size; i += 2) {
      if (x[i] == 0) x[i] = -x[i];
    }
    for (int64_t i = 5; i < size; i += 23) {
      x[i] = std::numeric_limits<T>::infinity();
    }
    // Also windows of nothing but -inf.
    for (int64_t i = size / 3; i < size / 2; ++i) {
      x[i] = -std::numeric_limits<T>::infinity();
    }
    const std::vector<T> dy = Draw<T>(windows), v = Draw<T>(size);
    std::vector<int64_t> place(windows, -1);
    ForEachSeen(s, [&](int64_t p, int64_t i) {
      int64_t& at = place[p];
      if (at < 0 || x[i] > x[at] || std::isnan(x[i])) at = i;
    });
    std::vector<T> dx(size, 0);
    for (int64_t p = 0; p < windows; ++p) dx[place[p]] += dy[p];

    std::vector<T> y(windows), got_dx(size), gathered(windows);
    MaxPool2d(s, x.data(), y.data());
    MaxPool2dGradient(s, x.data(), dy.data(), got_dx.data());
    MaxPool2dGather(s, x.data(), v.data(), gathered.data());
    for (int64_t p = 0; p < windows; ++p) {
      const T want = x[place[p]];
      ASSERT_TRUE(y[p] == want || (std::isnan(y[p]) && std::isnan(want)))
          << s.w.extent << " " << s.w.size << " " << s.w.stride;
      ASSERT_EQ(gathered[p], v[place[p]]);
    }
    ASSERT_EQ(got_dx, dx) << s.w.extent << " " << s.w.size << " " << s.w.stride;
  }
}

TYPED_TEST(Pool, MeansAndTheirGradientsAreThoseOfThePlainLoop) {
  using T = TypeParam;
  constexpr double kEps = std::numeric_limits<T>::epsilon();
  for (const Pool2dShape& s : Shapes()) {
    for (const bool count_padding : {true, false}) {
      const int64_t size = s.planes * s.image();
      const int64_t windows = s.planes * s.positions();
      const std::vector<T> x = Draw<T>(size), dy = Draw<T>(windows);
      std::vector<double> count(windows, 0), y(windows, 0), dx(size, 0);
      ForEachSeen(s, [&](int64_t p, int64_t) { ++count[p]; });
      if (count_padding) {
        count.assign(windows, static_cast<double>(s.h.size * s.w.size));
      }
      ForEachSeen(s, [&](int64_t p, int64_t i) {
        y[p] += x[i] / count[p];
        dx[i] += dy[p] / count[p];
      });

      std::vector<T> got_y(windows), got_dx(size);
      AvgPool2d(s, count_padding, x.data(), got_y.data());
      AvgPool2dGradient(s, count_padding, dy.data(), got_dx.data());
      for (int64_t p = 0; p < windows; ++p) {
        ASSERT_NEAR(got_y[p], y[p], 16 * kEps)
            << s.w.extent << " " << s.w.size << " " << s.w.stride;
      }
      for (int64_t i = 0; i < size; ++i) {
        ASSERT_NEAR(got_dx[i], dx[i], 64 * kEps)
            << s.w.extent << " " << s.w.size << " " << s.w.stride;
      }
    }
  }
}

TYPED_TEST(Pool, MaximumOfNothingButMinusInfinityIsThat) {
  using T = TypeParam;
  constexpr T kLow = -std::numeric_limits<T>::infinity();
  const Pool2dShape s{1, Windows(3, 3, 1, 1), Windows(3, 3, 1, 1)};
  const std::vector<T> x(9, kLow), dy(9, 1);
  std::vector<T> y(9), dx(9);
  MaxPool2d(s, x.data(), y.data());
  MaxPool2dGradient(s, x.data(), dy.data(), dx.data());
  EXPECT_EQ(y, x);
  // The first element in the image of each window.
  EXPECT_EQ(dx, std::vector<T>({4, 2, 0, 2, 1, 0, 0, 0, 0}));
}

}  // namespace
}  // namespace adjoint::kernels
