#include "framework/ops/index.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "framework/base/error.h"
#include "framework/base/parallel_for.h"
#include "framework/base/rng.h"
#include "framework/core/catalog.h"
#include "framework/core/tensor.h"

namespace adjoint {
namespace {

// Row lengths of less and more than a cache line and a chunk.
constexpr int64_t kLengths[] = {0, 1, 3, 16, 33, 500, 20000};

template <class T>
std::vector<T> Values(const Tensor& x) {
  return {x.data<T>().begin(), x.data<T>().end()};
}

template <class ErrorT>
std::string TextOf(const std::function<void()>& f) {
  try {
    f();
  } catch (const ErrorT& e) {
    return e.what();
  }
  return "nothing of the kind was thrown";
}

TEST(Gather, PicksTheRowsOfATable) {
  Rng rng(1);
  for (int64_t n : kLengths) {
    const Tensor table = Draw(Real({7, n}), DType::kF32, rng);
    const Tensor indices = Draw(Index({2, 5}, 7), DType::kF32, rng);
    const Tensor y = Gather(table, indices);
    ASSERT_EQ(y.shape(), Shape({2, 5, n}));
    for (int64_t p = 0; p < 10; ++p) {
      for (int64_t i = 0; i < n; ++i) {
        ASSERT_EQ(y.data<float>()[p * n + i],
                  table.data<float>()[indices.data<int32_t>()[p] * n + i]);
      }
    }
  }
}

TEST(Gather, OfOneIndexIsOneRow) {
  const Tensor table = FromValues<double>({3, 2}, {0, 1, 10, 11, 20, 21});
  const Tensor y = Gather(table, FromValues<int32_t>({}, {2}));
  EXPECT_EQ(y.shape(), Shape({2}));
  EXPECT_EQ(Values<double>(y), (std::vector<double>{20, 21}));
}

TEST(Gather, NamesTheIndexThatIsOutOfRangeAndItsPlace) {
  const Tensor table = Zeros({5, 3});
  EXPECT_EQ(TextOf<ValueError>([&] {
              Gather(table, FromValues<int32_t>({2, 3}, {0, 4, 1, 2, 7, 9}));
            }),
            "gather: index 7 at [1,1] is not in [0, 5): f32 [5,3], i32 [2,3]");
  EXPECT_EQ(
      TextOf<ValueError>([&] { Gather(table, FromValues<int32_t>({}, {-1})); }),
      "gather: index -1 at [] is not in [0, 5): f32 [5,3], i32 []");
}

TEST(Gather, TakesOnlyIntegersAsIndices) {
  EXPECT_THROW(Gather(Zeros({5, 3}), Zeros({2})), DTypeError);
  EXPECT_THROW(Gather(Zeros({}), FromValues<int32_t>({1}, {0})), ShapeError);
}

// The definition, in the order of the rows.
template <class T>
std::vector<T> NaiveScatter(const Tensor& x, const Tensor& indices,
                            int64_t rows, int64_t n) {
  std::vector<T> y(rows * n);
  for (int64_t p = 0; p < indices.size(); ++p) {
    for (int64_t i = 0; i < n; ++i) {
      y[indices.data<int32_t>()[p] * n + i] += x.data<T>()[p * n + i];
    }
  }
  return y;
}

TEST(ScatterAddRows, AddsInTheOrderOfTheRowsForAnyNumberOfThreads) {
  Rng rng(2);
  for (int threads : {1, 2, 3, 8}) {
    SetNumThreads(threads);
    for (int64_t n : kLengths) {
      const Tensor x = Draw(Real({4, 25, n}), DType::kF32, rng);
      const Tensor indices = Draw(Index({4, 25}, 6), DType::kF32, rng);
      const Tensor y = ScatterAddRows(x, indices, 7);
      ASSERT_EQ(y.shape(), Shape({7, n}));
      ASSERT_EQ(Values<float>(y), NaiveScatter<float>(x, indices, 7, n));
    }
  }
  SetNumThreads(0);
}

TEST(ScatterAddRows, IsTheAdjointOfGather) {
  // <Gather(t), x> = <t, ScatterAddRows(x)> for all t and x.
  Rng rng(3);
  const Tensor table = Draw(Real({6, 4, 3}), DType::kF64, rng);
  const Tensor indices = Draw(Index({5, 2}, 6), DType::kF64, rng);
  const Tensor x = Draw(Real({5, 2, 4, 3}), DType::kF64, rng);
  const auto inner = [](const Tensor& a, const Tensor& b) {
    double sum = 0;
    for (int64_t i = 0; i < a.size(); ++i) {
      sum += a.data<double>()[i] * b.data<double>()[i];
    }
    return sum;
  };
  EXPECT_NEAR(inner(Gather(table, indices), x),
              inner(table, ScatterAddRows(x, indices, 6)), 1e-12);
}

TEST(ScatterAddRows, OfNoIndicesIsZero) {
  const Tensor y =
      ScatterAddRows(Zeros({0, 2}), FromValues<int32_t>({0}, {}), 3);
  EXPECT_EQ(y.shape(), Shape({3, 2}));
  EXPECT_EQ(Values<float>(y), std::vector<float>(6, 0.0f));
}

TEST(ScatterAddRows, RefusesWhatDoesNotFit) {
  const Tensor indices = FromValues<int32_t>({2}, {0, 3});
  EXPECT_EQ(
      TextOf<ValueError>([&] {
        ScatterAddRows(Zeros({2, 4}), indices, 3);
      }),
      "scatter_add_rows: index 3 at [1] is not in [0, 3): f32 [2,4], i32 [2]");
  EXPECT_EQ(TextOf<ShapeError>([&] {
              ScatterAddRows(Zeros({3, 4}), indices, 5);
            }),
            "scatter_add_rows: x does not begin with the axes of the indices: "
            "f32 [3,4], i32 [2]");
  EXPECT_THROW(ScatterAddRows(Zeros({}), indices, 5), ShapeError);
  EXPECT_THROW(ScatterAddRows(Zeros({2}), indices, -1), ShapeError);
}

TEST(OneHot, IsOneAtTheIndexAndZeroElsewhere) {
  Rng rng(4);
  for (int64_t depth : {1, 3, 10, 40000}) {
    const Tensor indices = Draw(Index({2, 3}, depth), DType::kF32, rng);
    const Tensor y = OneHot(indices, depth, DType::kF64);
    ASSERT_EQ(y.shape(), Shape({2, 3, depth}));
    for (int64_t p = 0; p < 6; ++p) {
      for (int64_t i = 0; i < depth; ++i) {
        ASSERT_EQ(y.data<double>()[p * depth + i],
                  i == indices.data<int32_t>()[p] ? 1 : 0);
      }
    }
  }
}

TEST(OneHot, IsF32UnlessToldOtherwiseAndNeverAnInteger) {
  const Tensor indices = FromValues<int32_t>({2}, {0, 1});
  EXPECT_EQ(OneHot(indices, 2).dtype(), DType::kF32);
  EXPECT_EQ(TextOf<DTypeError>([&] { OneHot(indices, 2, DType::kI32); }),
            "one_hot: the dtype must be f32 or f64: i32 [2]");
}

TEST(OneHot, RefusesAnIndexOutOfRange) {
  EXPECT_EQ(TextOf<ValueError>([] {
              OneHot(FromValues<int32_t>({2}, {1, 4}), 4);
            }),
            "one_hot: index 4 at [1] is not in [0, 4): i32 [2]");
}

}  // namespace
}  // namespace adjoint
