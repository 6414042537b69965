#include "framework/ops/conv.h"

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
#include "gtest/gtest.h"

namespace adjoint {
namespace {

struct Case {
  int64_t n, c, out, h, w, kh, kw;
  Conv2dOptions options = {};

  int64_t oh() const {
    return (h + 2 * options.padding.h - kh) / options.stride.h + 1;
  }
  int64_t ow() const {
    return (w + 2 * options.padding.w - kw) / options.stride.w + 1;
  }
};

std::ostream& operator<<(std::ostream& out, const Case& s) {
  return out << Shape({s.n, s.c, s.h, s.w}) << " * "
             << Shape({s.out, s.c, s.kh, s.kw}) << " stride "
             << s.options.stride.ToString() << " padding "
             << s.options.padding.ToString();
}

// Small whole numbers: products and sums of them are exact in f32 too, so that
// results must be equal whatever the order of the additions.
template <class T>
Tensor Whole(const Shape& shape, std::mt19937& random) {
  std::vector<T> values(shape.size());
  for (T& value : values) value = static_cast<T>(random() % 7) - 3;
  return FromSpan<T>(shape, values);
}

template <class T>
std::vector<T> Values(const Tensor& x) {
  return {x.data<T>().begin(), x.data<T>().end()};
}

// The definition: all that a convolution and its gradients are, in seven loops.
template <class T>
struct Reference {
  Reference(const Case& s, const std::vector<T>& x, const std::vector<T>& w,
            const std::vector<T>& b, const std::vector<T>& dy)
      : y(dy.size()), dx(x.size()), dw(w.size()), db(b.size()) {
    int64_t at = 0;
    for (int64_t n = 0; n < s.n; ++n) {
      for (int64_t o = 0; o < s.out; ++o) {
        for (int64_t r = 0; r < s.oh(); ++r) {
          for (int64_t q = 0; q < s.ow(); ++q, ++at) {
            y[at] = b[o];
            db[o] += dy[at];
            for (int64_t c = 0; c < s.c; ++c) {
              for (int64_t i = 0; i < s.kh; ++i) {
                for (int64_t j = 0; j < s.kw; ++j) {
                  const int64_t row =
                      r * s.options.stride.h + i - s.options.padding.h;
                  const int64_t column =
                      q * s.options.stride.w + j - s.options.padding.w;
                  if (row < 0 || row >= s.h || column < 0 || column >= s.w) {
                    continue;
                  }
                  const int64_t ix = ((n * s.c + c) * s.h + row) * s.w + column;
                  const int64_t iw = ((o * s.c + c) * s.kh + i) * s.kw + j;
                  y[at] += w[iw] * x[ix];
                  dx[ix] += w[iw] * dy[at];
                  dw[iw] += x[ix] * dy[at];
                }
              }
            }
          }
        }
      }
    }
  }

  std::vector<T> y, dx, dw, db;
};

template <class T>
void ExpectIsSevenLoops(const Case& s) {
  std::mt19937 random(s.n + 3 * s.c + 5 * s.h + 7 * s.kw);
  const Tensor x = Leaf(Whole<T>({s.n, s.c, s.h, s.w}, random));
  const Tensor w = Leaf(Whole<T>({s.out, s.c, s.kh, s.kw}, random));
  const Tensor b = Leaf(Whole<T>({s.out}, random));
  const Tensor dy = Whole<T>({s.n, s.out, s.oh(), s.ow()}, random);
  const Reference<T> want(s, Values<T>(x), Values<T>(w), Values<T>(b),
                          Values<T>(dy));

  const Tensor y = Conv2d(x, w, b, s.options);
  ASSERT_EQ(y.shape(), dy.shape()) << s;
  ASSERT_EQ(Values<T>(y), want.y) << s;
  const std::vector<Tensor> d = Grad(y, {x, w, b}, {.seed = dy});
  ASSERT_EQ(d[0].shape(), x.shape()) << s;
  ASSERT_EQ(d[1].shape(), w.shape()) << s;
  ASSERT_EQ(d[2].shape(), b.shape()) << s;
  ASSERT_EQ(Values<T>(d[0]), want.dx) << s;
  ASSERT_EQ(Values<T>(d[1]), want.dw) << s;
  ASSERT_EQ(Values<T>(d[2]), want.db) << s;

  const Tensor zero = Leaf(Zeros({s.out}, x.dtype()));
  const Tensor without = Conv2d(x, w, s.options);
  ASSERT_EQ(Values<T>(without), Values<T>(Conv2d(x, w, zero, s.options))) << s;
  const std::vector<Tensor> e = Grad(without, {x, w}, {.seed = dy});
  ASSERT_EQ(Values<T>(e[0]), want.dx) << s;
  ASSERT_EQ(Values<T>(e[1]), want.dw) << s;
}

TEST(Conv2d, IsSevenLoopsOnSmallShapesAndSoAreItsGradients) {
  std::mt19937 random(1);
  const auto draw = [&](int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(random);
  };
  for (int i = 0; i < 400; ++i) {
    Case s = {.n = draw(0, 5), .c = draw(1, 5), .out = draw(1, 20)};
    s.h = draw(1, 13);
    s.w = draw(1, 40);
    s.options.padding = {draw(0, 3), draw(0, 3)};
    // Every tenth kernel is as large as the padded image along an axis.
    const int64_t h = s.h + 2 * s.options.padding.h;
    const int64_t w = s.w + 2 * s.options.padding.w;
    s.kh = i % 10 == 0 ? h : draw(1, std::min<int64_t>(h, 5));
    s.kw = i % 10 == 1 ? w : draw(1, std::min<int64_t>(w, 5));
    // Strides are often 1 and may exceed the kernel.
    s.options.stride = {draw(1, 2) == 1 ? 1 : draw(2, 6),
                        draw(1, 2) == 1 ? 1 : draw(2, 6)};
    ASSERT_NO_FATAL_FAILURE(ExpectIsSevenLoops<float>(s));
    ASSERT_NO_FATAL_FAILURE(ExpectIsSevenLoops<double>(s));
  }
}

TEST(Conv2d, IsSevenLoopsAcrossChunks) {
  for (const Case& s : std::vector<Case>{
           // Images in several pieces that begin and end within a row.
           {9, 60, 3, 19, 21, 3, 3, {.padding = 1}},
           {3, 60, 17, 19, 21, 3, 3, {.padding = 1}},
           {2, 24, 5, 1, 1500, 1, 25, {.padding = {0, 12}}},
           {1, 30, 2, 50, 41, 5, 4, {.stride = {1, 2}, .padding = 2}},
           // Many images of one position each.
           {300, 40, 18, 3, 3, 3, 3},
           {130, 30, 33, 5, 4, 3, 3, {.padding = {0, 1}}},
           // Columns that are the image, in several pieces and side by side.
           {2, 600, 18, 20, 17, 1, 1},
           {40, 9, 4, 3, 4, 1, 1},
       }) {
    ASSERT_NO_FATAL_FAILURE(ExpectIsSevenLoops<float>(s));
    ASSERT_NO_FATAL_FAILURE(ExpectIsSevenLoops<double>(s));
  }
}

TEST(Conv2d, WithoutElementsIsTheBiasOrNothing) {
  const Tensor b = FromValues<float>({2}, {3, 4});
  const Tensor y = Conv2d(Zeros({1, 0, 2, 2}), Zeros({2, 0, 2, 1}), b);
  EXPECT_EQ(y.shape(), Shape({1, 2, 1, 2}));
  EXPECT_EQ(Values<float>(y), std::vector<float>({3, 3, 4, 4}));
  // A batch without images has zero for a gradient by the weight.
  const Tensor w = Leaf(Ones({2, 3, 2, 2}));
  const Tensor dw = Grad(Conv2d(Zeros({0, 3, 4, 4}), w), {w},
                         {.seed = Zeros({0, 2, 3, 3})})[0];
  EXPECT_EQ(Values<float>(dw), std::vector<float>(24, 0));
  // An image without elements, but for its padding.
  EXPECT_EQ(Values<float>(Conv2d(Zeros({1, 1, 0, 1}), Ones({1, 1, 2, 1}),
                                 Ones({1}), {.padding = {1, 0}})),
            std::vector<float>({1}));
}

TEST(Conv2dInputGradient, SpreadsEachElementOverItsWindow) {
  // One element a window, two apart: the last row and column are never seen.
  const Tensor dy = FromValues<float>({1, 1, 2, 2}, {1, 2, 3, 4});
  const Tensor w = FromValues<float>({1, 1, 1, 2}, {10, 1});
  EXPECT_EQ(Values<float>(Conv2dInputGradient(dy, w, {4, 5}, {.stride = 2})),
            std::vector<float>({10, 1, 20, 2, 0, 0, 0, 0, 0, 0,
                                30, 3, 40, 4, 0, 0, 0, 0, 0, 0}));
}

TEST(Conv2d, NanAndInfinityReachOnlyWhatSeesThem) {
  const float inf = std::numeric_limits<float>::infinity();
  const Tensor x = FromValues<float>({1, 1, 1, 4}, {inf, 1, 1, 1});
  const Tensor y = Conv2d(x, FromValues<float>({1, 1, 1, 2}, {0, 1}));
  EXPECT_TRUE(std::isnan(y.data<float>()[0]));
  EXPECT_EQ(y.data<float>()[1], 1);
  EXPECT_EQ(y.data<float>()[2], 1);
}

// The text of the ShapeError that `f` throws.
template <class Fn>
std::string Thrown(Fn f) {
  try {
    f();
  } catch (const ShapeError& e) {
    return e.what();
  }
  return "no ShapeError was thrown";
}

TEST(Conv2d, NamesWhatDoesNotFit) {
  EXPECT_EQ(Thrown([] {
              Conv2d(Ones({2, 3, 8, 8}), Ones({4, 1, 3, 3}));
            }),
            "conv2d: x has 3 channels, the weight takes 1: f32 [2,3,8,8], f32 "
            "[4,1,3,3]");
  EXPECT_EQ(
      Thrown([] {
        Conv2d(Ones({1, 1, 8, 2}), Ones({1, 1, 3, 5}), {.padding = {0, 1}});
      }),
      "conv2d: a kernel of width 5 does not fit into 2 + 2 * 1: f32 [1,1,8,2], "
      "f32 [1,1,3,5]");
  EXPECT_EQ(
      Thrown([] {
        Conv2d(Ones({1, 1, 2, 2}), Ones({1, 1, 1, 1}),
               {.padding = int64_t{1} << 31});
      }),
      "conv2d: padding along the height is 2147483648: f32 [1,1,2,2], f32 "
      "[1,1,1,1]");
}

}  // namespace
}  // namespace adjoint
