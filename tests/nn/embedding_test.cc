#include "framework/nn/embedding.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "framework/autograd/grad.h"
#include "framework/base/error.h"
#include "framework/nn/linear.h"
#include "framework/nn/sequential.h"
#include "framework/ops/reduce.h"

namespace adjoint::nn {
namespace {

TEST(Embedding, TakesTheRowOfEachIndex) {
  Rng rng(1);
  const Embedding layer(5, 3, rng, {.dtype = DType::kF64});
  const absl::Span<const double> w = layer.weight().value().data<double>();
  const Tensor x = FromValues<int32_t>({2, 2}, {4, 0, 4, 2});
  const Tensor y = layer(x);
  ASSERT_EQ(y.shape(), Shape({2, 2, 3}));
  for (int p = 0; p < 4; ++p) {
    for (int i = 0; i < 3; ++i) {
      EXPECT_EQ(y.data<double>()[p * 3 + i], w[x.data<int32_t>()[p] * 3 + i]);
    }
  }
  EXPECT_EQ(layer(FromValues<int32_t>({}, {1})).shape(), Shape({3}));
  EXPECT_EQ(layer(Zeros({0, 4}, DType::kI32)).shape(), Shape({0, 4, 3}));
}

TEST(Embedding, GradientsAreAddedAtTheRowsThatWereTaken) {
  Rng rng(2);
  const Embedding layer(4, 2, rng);
  const Tensor y = layer(FromValues<int32_t>({3}, {3, 1, 3}));
  const Tensor dw = Grad(y, {layer.weight()},
                         {.seed = FromValues({3, 2}, {1, 2, 3, 4, 5, 6})})[0];
  EXPECT_EQ(
      std::vector<float>(dw.data<float>().begin(), dw.data<float>().end()),
      std::vector<float>({0, 0, 3, 4, 0, 0, 6, 8}));
}

TEST(Embedding, BeginsStandardNormalOrAsTheOptionsSay) {
  Rng rng(3);
  const Embedding layer(200, 50, rng);
  ASSERT_EQ(Parameters(layer).size(), 1u);
  EXPECT_EQ(Parameters(layer)[0].name, "weight");
  double sum = 0, squares = 0;
  for (float w : layer.weight().value().data<float>()) {
    sum += w;
    squares += w * w;
  }
  // Four standard deviations for 10,000 draws.
  EXPECT_NEAR(sum / 10'000, 0, 0.04);
  EXPECT_NEAR(squares / 10'000, 1, 0.04 * std::sqrt(2));
  const Embedding twos(2, 2, rng, {.weight_init = init::Constant(2)});
  for (float w : twos.weight().value().data<float>()) EXPECT_EQ(w, 2);
}

TEST(Embedding, AnIndexOutOfRangeNamesTheModule) {
  Rng rng(4);
  const Sequential model(Embedding(5, 3, rng), Linear(3, 2, rng));
  try {
    model(FromValues<int32_t>({2}, {1, 5}));
    FAIL() << "did not throw";
  } catch (const ValueError& e) {
    EXPECT_STREQ(e.what(),
                 "gather: index 5 at [1] is not in [0, 5): "
                 "f32 [5,3], i32 [2] (in 0)");
  }
  EXPECT_THROW(model(FromValues<int32_t>({1}, {-1})), ValueError);
  EXPECT_THROW(model(Zeros({2})), DTypeError);
}

TEST(Embedding, ThrowsForSizesBelowOne) {
  Rng rng(5);
  EXPECT_THROW(Embedding(0, 3, rng), ShapeError);
  EXPECT_THROW(Embedding(3, -1, rng), ShapeError);
}

}  // namespace
}  // namespace adjoint::nn
