#include "framework/ops/matmul.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "framework/autograd/grad.h"
#include "framework/base/error.h"
#include "framework/base/rng.h"
#include "framework/core/catalog.h"
#include "framework/core/observer.h"
#include "framework/core/tensor.h"

namespace adjoint {
namespace {

Shape BatchOf(const Shape& x) {
  return Shape(x.dims().subspan(0, x.rank() - 2));
}

// The offset in x of the matrix that meets place `place` of the batch.
int64_t MatrixOffset(const Shape& x, const std::vector<int64_t>& place) {
  const Shape batch = BatchOf(x);
  int64_t offset = 0;
  for (int i = 0; i < batch.rank(); ++i) {
    const int64_t at = place[place.size() - batch.rank() + i];
    offset = offset * batch[i] + (batch[i] == 1 ? 0 : at);
  }
  return offset * x[-1] * x[-2];
}

// The sum of the products, in three loops a matrix.
std::vector<double> PlainMatMul(const Tensor& a, const Tensor& b,
                                const Shape& shape, MatMulOptions options) {
  const absl::Span<const double> pa = a.data<double>(), pb = b.data<double>();
  const int64_t k = a.shape()[options.transpose_a ? -2 : -1];
  std::vector<double> c;
  std::vector<int64_t> place(shape.rank() - 2);
  for (int64_t batch = 0; batch < BatchOf(shape).size(); ++batch) {
    for (int64_t rest = batch, i = shape.rank() - 3; i >= 0; --i) {
      place[i] = rest % shape[i];
      rest /= shape[i];
    }
    const int64_t a0 = MatrixOffset(a.shape(), place);
    const int64_t b0 = MatrixOffset(b.shape(), place);
    for (int64_t i = 0; i < shape[-2]; ++i) {
      for (int64_t j = 0; j < shape[-1]; ++j) {
        double sum = 0;
        for (int64_t p = 0; p < k; ++p) {
          sum += pa[a0 + (options.transpose_a ? p * a.shape()[-1] + i
                                              : i * a.shape()[-1] + p)] *
                 pb[b0 + (options.transpose_b ? j * b.shape()[-1] + p
                                              : p * b.shape()[-1] + j)];
        }
        c.push_back(sum);
      }
    }
  }
  return c;
}

Shape With(const std::vector<int64_t>& batch, int64_t m, int64_t n) {
  std::vector<int64_t> dims = batch;
  dims.push_back(m);
  dims.push_back(n);
  return Shape(dims);
}

struct Batches {
  std::vector<int64_t> a, b, c;
};

const std::vector<Batches>& AllBatches() {
  static const auto* const all = new std::vector<Batches>{
      {{}, {}, {}},
      {{3}, {3}, {3}},
      {{2, 3}, {2, 3}, {2, 3}},
      {{3}, {}, {3}},
      {{}, {3}, {3}},
      {{2, 3}, {}, {2, 3}},
      {{}, {2, 3}, {2, 3}},
      {{1}, {3}, {3}},
      {{3}, {1}, {3}},
      {{2, 1}, {3}, {2, 3}},
      {{3}, {2, 1}, {2, 3}},
      {{2, 3}, {3}, {2, 3}},
      {{1, 1}, {3}, {1, 3}},
      {{0}, {0}, {0}},
      {{0}, {}, {0}},
      {{2, 0}, {1, 1}, {2, 0}},
  };
  return *all;
}

// Calls f for every pair of batches, some sizes and all transposes.
void ForEachCase(const std::function<void(const Tensor& a, const Tensor& b,
                                          const Shape& c, MatMulOptions)>& f) {
  Rng rng(1);
  for (const auto& [batch_a, batch_b, batch_c] : AllBatches()) {
    for (const auto& [m, k, n] : std::vector<std::array<int64_t, 3>>{
             {4, 5, 6}, {1, 3, 1}, {2, 0, 3}, {20, 33, 17}, {40, 1, 30}}) {
      for (bool ta : {false, true}) {
        for (bool tb : {false, true}) {
          const Shape a = With(batch_a, ta ? k : m, ta ? m : k);
          const Shape b = With(batch_b, tb ? n : k, tb ? k : n);
          f(Draw(Real(a), DType::kF64, rng), Draw(Real(b), DType::kF64, rng),
            With(batch_c, m, n), {ta, tb});
        }
      }
    }
  }
}

void ExpectNear(const Tensor& actual, const std::vector<double>& expected) {
  ASSERT_EQ(actual.size(), static_cast<int64_t>(expected.size()));
  for (size_t i = 0; i < expected.size(); ++i) {
    ASSERT_NEAR(actual.data<double>()[i], expected[i], 1e-12) << "at " << i;
  }
}

TEST(MatMul, OfAnyBatchesIsThreeLoopsAMatrix) {
  ForEachCase([](const Tensor& a, const Tensor& b, const Shape& c,
                 MatMulOptions options) {
    SCOPED_TRACE(a.shape().ToString() + " x " + b.shape().ToString());
    const Tensor got = MatMul(a, b, options);
    ASSERT_EQ(got.shape(), c);
    ExpectNear(got, PlainMatMul(a, b, c, options));
  });
}

// <v, A B> is linear in A: its gradient with respect to each element of A is
// <v, E B> with a unit matrix E in A's place. And so with B.
TEST(MatMul, GradientsOfAnyBatchesAreProductsWithUnits) {
  Rng rng(2);
  ForEachCase([&](const Tensor& a, const Tensor& b, const Shape& c,
                  MatMulOptions options) {
    if (a.size() > 100 || b.size() > 150) return;
    SCOPED_TRACE(a.shape().ToString() + " x " + b.shape().ToString());
    const Tensor v = Draw(Real(c), DType::kF64, rng);
    const Tensor leaf_a = Leaf(a), leaf_b = Leaf(b);
    const std::vector<Tensor> got =
        Grad(MatMul(leaf_a, leaf_b, options), {leaf_a, leaf_b}, {.seed = v});
    const auto project = [&](const Tensor& x, const Tensor& y) {
      const std::vector<double> product = PlainMatMul(x, y, c, options);
      double sum = 0;
      for (size_t i = 0; i < product.size(); ++i) {
        sum += product[i] * v.data<double>()[i];
      }
      return sum;
    };
    const auto unit = [](const Shape& shape, int64_t i) {
      std::vector<double> values(shape.size());
      values[i] = 1;
      return FromSpan<double>(shape, values);
    };
    std::vector<double> da, db;
    for (int64_t i = 0; i < a.size(); ++i) {
      da.push_back(project(unit(a.shape(), i), b));
    }
    for (int64_t i = 0; i < b.size(); ++i) {
      db.push_back(project(a, unit(b.shape(), i)));
    }
    ASSERT_EQ(got[0].shape(), a.shape());
    ASSERT_EQ(got[1].shape(), b.shape());
    ExpectNear(got[0], da);
    ExpectNear(got[1], db);
  });
}

TEST(MatMul, ABatchTimesOneMatrixIsOneProduct) {
  struct Names final : Observer {
    void OnOp(const OpEvent& event) override {
      names.push_back(std::string(event.op));
    }
    std::vector<std::string> names;
  };
  const Tensor a = Leaf(Zeros({8, 3, 4})), b = Leaf(Zeros({4, 5}));
  Names observer;
  ObserverScope scope(&observer);
  Grad(MatMul(a, b), {b}, {.seed = Zeros({8, 3, 5})});
  // No sum of 8 gradients.
  for (const std::string& name : observer.names) {
    EXPECT_TRUE(name == "matmul" || name == "reshape") << name;
  }
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

TEST(MatMul, SaysWhatDoesNotFit) {
  EXPECT_EQ(TextOf<ShapeError>([] {
              MatMul(Zeros({3}), Zeros({2, 3, 4}));
            }),
            "matmul: both operands must be matrices or batches of them: "
            "f32 [3], f32 [2,3,4]");
  EXPECT_EQ(TextOf<ShapeError>([] {
              MatMul(Zeros({2, 3, 4}), Zeros({5, 6}));
            }),
            "matmul: inner dimensions differ, 4 and 5: "
            "f32 [2,3,4], f32 [5,6]");
  EXPECT_EQ(TextOf<ShapeError>([] {
              MatMul(Zeros({2, 3, 4}), Zeros({2, 4, 5}), {.transpose_a = true});
            }),
            "matmul: inner dimensions differ, 3 and 4, a transposed: "
            "f32 [2,3,4], f32 [2,4,5]");
  EXPECT_EQ(TextOf<ShapeError>([] {
              MatMul(Zeros({2, 3, 4}), Zeros({3, 4, 5}));
            }),
            "matmul: batches differ: f32 [2,3,4], f32 [3,4,5]");
  EXPECT_THROW(MatMul(Tensor(), Zeros({2, 3, 4})), ValueError);
  EXPECT_THROW(MatMul(Zeros({2, 3, 4}), Zeros({2, 4, 5}, DType::kF64)),
               DTypeError);
}

TEST(Linear, TakesNoBatchOfWeights) {
  EXPECT_EQ(TextOf<ShapeError>([] {
              Linear(Zeros({2, 3}), Zeros({2, 4, 3}));
            }),
            "linear: x [..., in] and w [out,in] wanted: "
            "f32 [2,3], f32 [2,4,3]");
}

}  // namespace
}  // namespace adjoint
