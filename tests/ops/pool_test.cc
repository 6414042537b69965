#include "framework/ops/pool.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <ostream>
#include <random>
#include <string>
#include <vector>

#include "framework/autograd/grad.h"
#include "framework/base/error.h"
#include "framework/core/tensor.h"
#include "framework/ops/arithmetic.h"
#include "gtest/gtest.h"

namespace adjoint {
namespace {

struct Case {
  int64_t planes, h, w;
  Extent2d kernel = 1, stride = 1, padding = 0;
  bool count_include_pad = true;

  int64_t oh() const { return (h + 2 * padding.h - kernel.h) / stride.h + 1; }
  int64_t ow() const { return (w + 2 * padding.w - kernel.w) / stride.w + 1; }
};

std::ostream& operator<<(std::ostream& out, const Case& s) {
  return out << s.planes << " of " << s.h << "x" << s.w << " kernel "
             << s.kernel.ToString() << " stride " << s.stride.ToString()
             << " padding " << s.padding.ToString();
}

template <class T>
std::vector<T> Values(const Tensor& x) {
  return {x.data<T>().begin(), x.data<T>().end()};
}

// Small whole numbers, so that there are ties and sums are exact.
template <class T>
Tensor Whole(const Shape& shape, std::mt19937& random) {
  std::vector<T> values(shape.size());
  for (T& value : values) value = static_cast<T>(random() % 9) - 4;
  return FromSpan<T>(shape, values);
}

// Calls visit(window, element) for each pair of an output and an element of x
// in its window, windows and elements in row-major order.
template <class Visit>
void ForEachElement(const Case& s, Visit visit) {
  int64_t window = 0;
  for (int64_t p = 0; p < s.planes; ++p) {
    for (int64_t r = 0; r < s.oh(); ++r) {
      for (int64_t q = 0; q < s.ow(); ++q, ++window) {
        for (int64_t i = 0; i < s.kernel.h; ++i) {
          for (int64_t j = 0; j < s.kernel.w; ++j) {
            const int64_t row = r * s.stride.h + i - s.padding.h;
            const int64_t column = q * s.stride.w + j - s.padding.w;
            if (row < 0 || row >= s.h || column < 0 || column >= s.w) continue;
            visit(window, (p * s.h + row) * s.w + column);
          }
        }
      }
    }
  }
}

template <class T>
void ExpectMaxIsPlainLoops(const Case& s) {
  std::mt19937 random(s.planes + 3 * s.h + 5 * s.w);
  const Tensor x = Leaf(Whole<T>({1, s.planes, s.h, s.w}, random));
  const Tensor dy = Leaf(Whole<T>({1, s.planes, s.oh(), s.ow()}, random));
  const Tensor u = Whole<T>(x.shape(), random);
  std::vector<int64_t> place(dy.size(), -1);
  const std::vector<T> in = Values<T>(x);
  ForEachElement(s, [&](int64_t window, int64_t element) {
    if (place[window] < 0 || in[element] > in[place[window]]) {
      place[window] = element;
    }
  });
  std::vector<T> y, gathered, dx(in.size());
  for (int64_t i = 0; i < dy.size(); ++i) {
    y.push_back(in[place[i]]);
    gathered.push_back(u.data<T>()[place[i]]);
    dx[place[i]] += dy.data<T>()[i];
  }

  const Tensor got = MaxPool2d(
      x, {.kernel = s.kernel, .stride = s.stride, .padding = s.padding});
  ASSERT_EQ(got.shape(), dy.shape()) << s;
  ASSERT_EQ(Values<T>(got), y) << s;
  const Tensor d = Grad(got, {x}, {.create_graph = true, .seed = dy})[0];
  ASSERT_EQ(Values<T>(d), dx) << s;
  ASSERT_EQ(Values<T>(Grad(d, {dy}, {.seed = u})[0]), gathered) << s;
}

template <class T>
void ExpectAvgIsPlainLoops(const Case& s) {
  std::mt19937 random(s.planes + 3 * s.h + 5 * s.w);
  const Tensor x = Leaf(Whole<T>({s.planes, 1, s.h, s.w}, random));
  const Tensor dy = Whole<T>({s.planes, 1, s.oh(), s.ow()}, random);
  std::vector<double> sum(dy.size()), count(dy.size()), dx(x.size());
  ForEachElement(s, [&](int64_t window, int64_t element) {
    sum[window] += x.data<T>()[element];
    count[window] += 1;
  });
  if (s.count_include_pad) {
    count.assign(count.size(), s.kernel.h * s.kernel.w);
  }
  ForEachElement(s, [&](int64_t window, int64_t element) {
    dx[element] += dy.data<T>()[window] / count[window];
  });

  const Tensor y = AvgPool2d(x, {.kernel = s.kernel,
                                 .stride = s.stride,
                                 .padding = s.padding,
                                 .count_include_pad = s.count_include_pad});
  ASSERT_EQ(y.shape(), dy.shape()) << s;
  for (int64_t i = 0; i < y.size(); ++i) {
    // A sum of whole numbers is exact, and so is what it is divided by.
    ASSERT_EQ(y.data<T>()[i], static_cast<T>(sum[i] / count[i])) << s;
  }
  const Tensor d = Grad(y, {x}, {.seed = dy})[0];
  const double tolerance = 100 * std::numeric_limits<T>::epsilon();
  for (int64_t i = 0; i < d.size(); ++i) {
    ASSERT_NEAR(d.data<T>()[i], dx[i], tolerance) << s;
  }
}

std::vector<Case> Cases() {
  std::mt19937 random(1);
  const auto draw = [&](int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(random);
  };
  std::vector<Case> cases = {
      {2, 4, 700, {2, 2}, {2, 2}},          // Longer than a block.
      {2, 4, 700, {3, 3}, {1, 1}, {1, 1}},  // Likewise, overlapping.
      {1, 3, 900, {2, 3}, {2, 3}, {1, 1}, false},
  };
  for (int i = 0; i < 300; ++i) {
    Case s = {.planes = draw(0, 4), .h = draw(1, 13), .w = draw(1, 40)};
    if (i % 3 == 0) {
      s.h = draw(2, 13);
      s.w = draw(2, 40);
      s.kernel = s.stride = 2;
    } else {
      // A kernel fits with the padding of a half of it.
      s.kernel = {draw(1, std::min<int64_t>(s.h, 6)),
                  draw(1, std::min<int64_t>(s.w, 6))};
      s.padding = {draw(0, s.kernel.h / 2), draw(0, s.kernel.w / 2)};
      if (i % 5 == 0) s.kernel.h = s.h + 2 * s.padding.h;
      s.stride = {draw(1, 4), draw(1, 8)};
    }
    s.count_include_pad = i % 2 == 0;
    cases.push_back(s);
  }
  return cases;
}

TEST(MaxPool2d, IsPlainLoopsAndSoAreItsGradients) {
  for (const Case& s : Cases()) {
    ASSERT_NO_FATAL_FAILURE(ExpectMaxIsPlainLoops<float>(s));
    ASSERT_NO_FATAL_FAILURE(ExpectMaxIsPlainLoops<double>(s));
  }
}

TEST(AvgPool2d, IsPlainLoopsAndSoIsItsGradient) {
  for (const Case& s : Cases()) {
    ASSERT_NO_FATAL_FAILURE(ExpectAvgIsPlainLoops<float>(s));
    ASSERT_NO_FATAL_FAILURE(ExpectAvgIsPlainLoops<double>(s));
  }
}

TEST(MaxPool2d, StridesByItsKernelUnlessToldOtherwise) {
  const Tensor x = Ones({1, 1, 7, 9});
  EXPECT_EQ(MaxPool2d(x, {.kernel = 3}).shape(), Shape({1, 1, 2, 3}));
  EXPECT_EQ(MaxPool2d(x, {.kernel = {2, 3}}).shape(), Shape({1, 1, 3, 3}));
  EXPECT_EQ(AvgPool2d(x, {.kernel = {2, 3}}).shape(), Shape({1, 1, 3, 3}));
  EXPECT_EQ(MaxPool2d(x, {.kernel = 3, .stride = 1}).shape(),
            Shape({1, 1, 5, 7}));
}

TEST(MaxPool2d, TakesTheFirstOfSeveralMaxima) {
  const Tensor x = Leaf(FromValues<float>({1, 1, 2, 4}, {1, 5, 3, 3,  //
                                                         5, 5, 3, 3}));
  const Tensor dx = Grad(MaxPool2d(x, {.kernel = 2}), {x},
                         {.seed = FromValues<float>({1, 1, 1, 2}, {7, 8})})[0];
  EXPECT_EQ(Values<float>(dx), std::vector<float>({0, 7, 8, 0, 0, 0, 0, 0}));
}

TEST(MaxPool2d, TurnsNanIntoNanWhereverItIsInAWindow) {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  for (const Extent2d& stride : {Extent2d(2), Extent2d(1), Extent2d(3)}) {
    for (int64_t at = 0; at < 4; ++at) {
      std::vector<float> values(2 * 24, 1);
      values[at / 2 * 24 + at % 2] = kNan;
      const Tensor x = Leaf(FromSpan<float>({1, 1, 2, 24}, values));
      const Tensor y = MaxPool2d(x, {.kernel = 2, .stride = stride});
      EXPECT_TRUE(std::isnan(y.data<float>()[0])) << at;
      EXPECT_EQ(y.data<float>()[y.size() - 1], 1) << at;
      const Tensor dx = Grad(y, {x}, {.seed = Ones(y.shape())})[0];
      EXPECT_GE(dx.data<float>()[at / 2 * 24 + at % 2], 1) << at;
    }
  }
}

TEST(MaxPool2d, NeverTakesThePadding) {
  constexpr float kInf = std::numeric_limits<float>::infinity();
  const Tensor x = Leaf(Full({1, 1, 3, 3}, -kInf));
  const Tensor y = MaxPool2d(x, {.kernel = 2, .padding = 1});
  EXPECT_EQ(Values<float>(y), std::vector<float>(4, -kInf));
  // The first element in the image of each window, though none exceeds -inf.
  EXPECT_EQ(Values<float>(Grad(y, {x}, {.seed = Ones(y.shape())})[0]),
            std::vector<float>({1, 1, 0, 1, 1, 0, 0, 0, 0}));
}

TEST(AvgPool2d, CountsPaddingOnlyIfToldSo) {
  const Tensor x = Ones({1, 1, 2, 2});
  EXPECT_EQ(Values<float>(AvgPool2d(x, {.kernel = 2, .padding = 1})),
            std::vector<float>(4, 0.25f));
  EXPECT_EQ(Values<float>(AvgPool2d(
                x, {.kernel = 2, .padding = 1, .count_include_pad = false})),
            std::vector<float>(4, 1));
}

TEST(Pool2d, RefusesWhatDoesNotFit) {
  const Tensor x = Ones({1, 1, 4, 4});
  EXPECT_THROW(MaxPool2d(x, {.kernel = 5}), ShapeError);
  EXPECT_THROW(MaxPool2d(x, {.kernel = 3, .padding = 2}), ShapeError);
  EXPECT_THROW(MaxPool2d(x, {.kernel = 0}), ShapeError);
  EXPECT_THROW(MaxPool2d(x, {.kernel = 2, .stride = -1}), ShapeError);
  EXPECT_THROW(AvgPool2d(x, {.kernel = 5}), ShapeError);
  EXPECT_THROW(AvgPool2d(x, {.kernel = 3, .padding = {0, 2}}), ShapeError);
  EXPECT_THROW(AvgPool2d(Ones({1, 4, 4}), {.kernel = 2}), ShapeError);
}

}  // namespace
}  // namespace adjoint
