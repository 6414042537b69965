#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdint>

#include "framework/base/error.h"
#include "framework/base/rng.h"
#include "framework/core/tensor.h"
#include "framework/ops/shape.h"
#include "tests/ops/places.h"

namespace adjoint {
namespace {

TEST(Triangle, KeepsOneSideOfADiagonal) {
  Rng rng(9);
  constexpr std::array<int64_t, 8> kDiagonals = {0,  1,  -1,        3,
                                                 -4, 40, INT64_MAX, INT64_MIN};
  for (int trial = 0; trial < 300; ++trial) {
    const Tensor x = RandomTensor(2 + trial % 4, rng);
    const int64_t d = kDiagonals[rng.NextBelow(kDiagonals.size())];
    const auto value = [&](const Place& place, bool keep) {
      return keep ? At(x, place) : 0;
    };
    const int i = x.rank() - 2, j = x.rank() - 1;
    ExpectValues(Tril(x, d), x.shape(),
                 [&](const Place& p) { return value(p, p[j] - p[i] <= d); });
    ExpectValues(Triu(x, d), x.shape(),
                 [&](const Place& p) { return value(p, p[j] - p[i] >= d); });
  }
}

TEST(Triangle, OfManyChunksIsRight) {
  const Tensor x = Reshape(Arange(3 * 300 * 100), {3, 300, 100});
  ExpectValues(Tril(x, -150), {3, 300, 100}, [](const Place& p) {
    return p[2] - p[1] <= -150 ? (p[0] * 300 + p[1]) * 100 + p[2] : 0;
  });
}

TEST(Triangle, DropsNanAndRefusesVectors) {
  const Tensor x = Full({2, 2}, std::nan(""));
  EXPECT_EQ(At(Tril(x, -1), {0, 0}), 0);
  EXPECT_EQ(TextOf<ShapeError>([] { Tril(Zeros({3})); }),
            "tril: a matrix or a batch of them wanted: f32 [3]");
  EXPECT_THROW(Triu(Zeros({})), ShapeError);
}

}  // namespace
}  // namespace adjoint
