#include "framework/ops/softmax.h"

#include <cmath>
#include <functional>
#include <limits>
#include <vector>

#include "framework/base/error.h"
#include "framework/base/parallel_for.h"
#include "framework/base/rng.h"
#include "framework/core/catalog.h"
#include "framework/core/tensor.h"
#include "framework/ops/shape.h"
#include "gtest/gtest.h"

namespace adjoint {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

std::vector<float> Values(const Tensor& x) {
  return {x.data<float>().begin(), x.data<float>().end()};
}

// A function along the rows of a matrix, computed as such and, for the other
// kernel, along the columns of the transpose.
using RowFunction = std::function<Tensor(const Tensor&)>;
RowFunction Rows(Tensor (*f)(const Tensor&, int)) {
  return [f](const Tensor& x) { return f(x, 1); };
}
RowFunction Columns(Tensor (*f)(const Tensor&, int)) {
  return [f](const Tensor& x) { return Transpose(f(Transpose(x), 0)); };
}

// The definition in long double: log softmax of the n values that lie `step`
// apart, at the r-th of them.
template <class T>
long double Definition(const T* x, int64_t n, int64_t step, int64_t r) {
  long double sum = 0;
  for (int64_t q = 0; q < n; ++q) {
    sum += std::exp(static_cast<long double>(x[q * step]) - x[r * step]);
  }
  return -std::log(sum);
}

template <class T>
void ExpectDefinition(const Shape& shape, int axis, double tolerance) {
  Rng rng(7);
  const Tensor x = Draw(Real(shape, -5, 5), kDTypeOf<T>, rng);
  const Tensor y = Softmax(x, axis);
  const Tensor log_y = LogSoftmax(x, axis);
  ASSERT_EQ(y.shape(), shape);
  ASSERT_EQ(log_y.shape(), shape);
  int64_t inner = 1;
  for (int i = shape.Axis(axis) + 1; i < shape.rank(); ++i) inner *= shape[i];
  const int64_t n = shape[axis];
  for (int64_t i = 0; i < x.size(); ++i) {
    const int64_t r = i / inner % n;
    const T* first = &x.data<T>()[i - r * inner];
    const long double want = Definition(first, n, inner, r);
    ASSERT_NEAR(y.data<T>()[i] / std::exp(want), 1, tolerance) << "at " << i;
    ASSERT_NEAR(log_y.data<T>()[i], want, tolerance * (1 - want)) << "at " << i;
  }
}

TEST(Softmax, FollowsTheDefinitionAlongAnyAxis) {
  struct Case {
    Shape shape;
    int axis;
  };
  for (const Case& c : std::vector<Case>{{{7}, 0},
                                         {{3, 10}, -1},
                                         {{3, 10}, 0},
                                         {{2, 3, 4, 5}, 1},
                                         {{2, 3, 4, 5}, -2},
                                         {{3, 1}, 1},
                                         // Several blocks of columns, several
                                         // chunks of rows, the last ragged.
                                         {{2, 9, 131}, 1},
                                         {{300, 33}, 1},
                                         {{130, 4, 65}, 1}}) {
    SCOPED_TRACE(c.shape);
    ExpectDefinition<float>(c.shape, c.axis, 2e-6);
    ExpectDefinition<double>(c.shape, c.axis, 4e-15);
  }
}

TEST(Softmax, ManySmallTermsAddUp) {
  // e^-17 is below the rounding of 1 in f32, yet there are a million of them.
  // Two rows, for the columns of one row would be a row.
  constexpr int64_t n = 1000001;
  std::vector<float> x(2 * n, -17);
  x[0] = x[n] = 0;
  const Tensor rows = FromSpan<float>({2, n}, x);
  const double sum = 1 + 1e6 * std::exp(-17.0);
  for (const RowFunction& f : {Rows(Softmax), Columns(Softmax)}) {
    EXPECT_FLOAT_EQ(f(rows).data<float>()[n], 1 / sum);
  }
  for (const RowFunction& f : {Rows(LogSoftmax), Columns(LogSoftmax)}) {
    EXPECT_FLOAT_EQ(f(rows).data<float>()[n], -std::log(sum));
  }
}

TEST(Softmax, HugeLogitsDoNotOverflow) {
  const Tensor x = FromValues({2, 3}, {3e38, -3e38, 3e38, 999, 1000, -1e30});
  const float e = std::exp(-1.0);
  for (const RowFunction& f : {Rows(Softmax), Columns(Softmax)}) {
    const std::vector<float> y = Values(f(x));
    EXPECT_EQ(y[0], 0.5f);
    EXPECT_EQ(y[1], 0.f);
    EXPECT_EQ(y[2], 0.5f);
    EXPECT_FLOAT_EQ(y[3], e / (1 + e));
    EXPECT_FLOAT_EQ(y[4], 1 / (1 + e));
    EXPECT_EQ(y[5], 0.f);
  }
  for (const RowFunction& f : {Rows(LogSoftmax), Columns(LogSoftmax)}) {
    const std::vector<float> y = Values(f(x));
    EXPECT_FLOAT_EQ(y[0], -std::log(2.0));
    EXPECT_EQ(y[1], -kInf);
    EXPECT_FLOAT_EQ(y[3], -1 - std::log1p(e));
    EXPECT_FLOAT_EQ(y[4], -std::log1p(e));
    EXPECT_FLOAT_EQ(y[5], -1e30f);
  }
}

TEST(Softmax, MinusInfinityIsProbabilityZero) {
  const Tensor x = FromValues({2, 3}, {0, -kInf, 0, -kInf, 7, -kInf});
  for (const RowFunction& f : {Rows(Softmax), Columns(Softmax)}) {
    EXPECT_EQ(Values(f(x)), std::vector<float>({0.5, 0, 0.5, 0, 1, 0}));
  }
  for (const RowFunction& f : {Rows(LogSoftmax), Columns(LogSoftmax)}) {
    const std::vector<float> y = Values(f(x));
    EXPECT_EQ(y[1], -kInf);
    EXPECT_EQ(y[4], 0.f);
  }
}

TEST(Softmax, ARowWithoutFiniteMaximumIsNanAndTheOthersAreNot) {
  const Tensor x = FromValues({4, 3}, {-kInf, -kInf, -kInf, 1, kNan, 2,  //
                                       1, kInf, 2, 1, 1, 1});
  for (const RowFunction& f : {Rows(Softmax), Columns(Softmax),
                               Rows(LogSoftmax), Columns(LogSoftmax)}) {
    const std::vector<float> y = Values(f(x));
    for (int i = 0; i < 12; ++i) EXPECT_EQ(std::isnan(y[i]), i < 9) << i;
  }
}

TEST(Softmax, DoesNotDependOnThreads) {
  Rng rng(3);
  const Tensor x = Draw(Real({100, 90, 70}), DType::kF32, rng);
  for (int axis : {0, 1, 2}) {
    SetNumThreads(1);
    const std::vector<float> one = Values(Softmax(x, axis));
    SetNumThreads(4);
    EXPECT_EQ(Values(Softmax(x, axis)), one);
    SetNumThreads(0);
  }
}

TEST(Softmax, TakesEmptyTensors) {
  for (auto f : {Softmax, LogSoftmax}) {
    EXPECT_EQ(f(Zeros({3, 0}), -1).shape(), Shape({3, 0}));
    EXPECT_EQ(f(Zeros({3, 0}), 0).shape(), Shape({3, 0}));
    EXPECT_EQ(f(Zeros({2, 0, 3}), 1).shape(), Shape({2, 0, 3}));
  }
}

TEST(Softmax, NamesAMissingAxis) {
  try {
    LogSoftmax(Zeros({2, 3}), -3);
    FAIL() << "did not throw";
  } catch (const ShapeError& e) {
    EXPECT_STREQ(e.what(),
                 "log_softmax: axis -3 is out of range for rank 2: f32 [2,3]");
  }
}

}  // namespace
}  // namespace adjoint
