#include "framework/ops/shape.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "framework/base/error.h"
#include "framework/base/rng.h"
#include "framework/core/catalog.h"
#include "framework/core/tensor.h"
#include "tests/ops/places.h"

namespace adjoint {
namespace {

TEST(Reshape, KeepsTheElementsAndSharesTheirMemory) {
  const Tensor x = FromValues({2, 3}, {1, 2, 3, 4, 5, 6});
  const Tensor y = Reshape(x, Shape({3, 2}));
  EXPECT_EQ(y.shape(), Shape({3, 2}));
  EXPECT_EQ(y.data<float>().data(), x.data<float>().data());
}

TEST(Reshape, FillsInTheExtentLeftOpen) {
  const Tensor x = Zeros({4, 8, 5});
  EXPECT_EQ(Reshape(x, {32, -1}).shape(), Shape({32, 5}));
  EXPECT_EQ(Reshape(x, {-1}).shape(), Shape({160}));
  EXPECT_EQ(Reshape(x, {2, -1, 5}).shape(), Shape({2, 16, 5}));
  EXPECT_EQ(Reshape(Zeros({0, 3}), {3, -1}).shape(), Shape({3, 0}));
  EXPECT_EQ(Reshape(Zeros({1, 1}), {}).shape(), Shape());
}

TEST(Reshape, SaysWhichSizesDiffer) {
  const Tensor x = Zeros({2, 3});
  EXPECT_EQ(TextOf<ShapeError>([&] { Reshape(x, {4}); }),
            "reshape: sizes differ: 6 elements into [4]: f32 [2,3]");
  EXPECT_EQ(TextOf<ShapeError>([&] {
              Reshape(x, {4, -1});
            }),
            "reshape: sizes differ: 6 elements are not a multiple of 4: "
            "f32 [2,3]");
  EXPECT_EQ(TextOf<ShapeError>([&] {
              Reshape(Zeros({0}), {0, -1});
            }),
            "reshape: the extent of axis -1 could be any: f32 [0]");
  EXPECT_THROW(Reshape(x, {-1, -1}), ShapeError);
}

TEST(Flatten, JoinsTheAxesFromTheFirstOneOn) {
  const Tensor x = Zeros({2, 3, 4, 5});
  EXPECT_EQ(Flatten(x).shape(), Shape({2, 60}));
  EXPECT_EQ(Flatten(x, 0).shape(), Shape({120}));
  EXPECT_EQ(Flatten(x, -2).shape(), Shape({2, 3, 20}));
  EXPECT_EQ(Flatten(Zeros({0, 3, 4})).shape(), Shape({0, 12}));
  EXPECT_EQ(Flatten(x).data<float>().data(), x.data<float>().data());
  EXPECT_THROW(Flatten(Zeros({3})), ShapeError);
}

TEST(Transpose, PutsEachElementInItsPlace) {
  Rng rng(1);
  for (int trial = 0; trial < 300; ++trial) {
    const Tensor x = RandomTensor(trial % 6, rng);
    const std::vector<int64_t> order = rng.Permutation(x.rank());
    std::vector<int> axes(order.begin(), order.end());
    Shape shape = x.shape();
    for (int i = 0; i < x.rank(); ++i) {
      shape = shape.With(i, x.shape()[axes[i]]);
      if (rng.NextBelow(2)) axes[i] -= x.rank();
    }
    ExpectValues(Transpose(x, axes), shape, [&](const Place& place) {
      Place from(x.rank());
      for (int i = 0; i < x.rank(); ++i) from[order[i]] = place[i];
      return At(x, from);
    });
  }
}

TEST(Transpose, OfAMatrixOfManyChunksIsRight) {
  const Tensor x = Reshape(Arange(501 * 203), {501, 203});
  ExpectValues(Transpose(x), {203, 501},
               [](const Place& place) { return place[1] * 203 + place[0]; });
}

TEST(Transpose, SwapsTheLastTwoAxesByDefault) {
  Rng rng(2);
  const Tensor x = Draw(Real({2, 3, 4}), DType::kF32, rng);
  ExpectValues(Transpose(x), {2, 4, 3}, [&](const Place& p) {
    return At(x, {p[0], p[2], p[1]});
  });
}

TEST(Transpose, RefusesAxesThatAreNoOrder) {
  EXPECT_EQ(TextOf<ShapeError>([] {
              Transpose(Zeros({2, 3}), {1, 1});
            }),
            "transpose: axes [1,1] do not name each of 2 axes once: "
            "f32 [2,3]");
  EXPECT_EQ(TextOf<ShapeError>([] {
              Transpose(Zeros({3}), {0, 0});
            }),
            "transpose: axes [0,0] do not name each of 1 axes once: f32 [3]");
  EXPECT_THROW(Transpose(Zeros({3})), ShapeError);
  EXPECT_THROW(Transpose(Zeros({})), ShapeError);
}

TEST(BroadcastTo, RepeatsAlongStretchedAxes) {
  Rng rng(3);
  for (int trial = 0; trial < 200; ++trial) {
    // x is y's shape with some axes set to 1 and some of the first cut off.
    const Shape shape = RandomTensor(trial % 6, rng).shape();
    const int cut = static_cast<int>(rng.NextBelow(shape.rank() + 1));
    Shape x_shape(shape.dims().subspan(cut));
    for (int i = 0; i < x_shape.rank(); ++i) {
      if (rng.NextBelow(2)) x_shape = x_shape.With(i, 1);
    }
    const Tensor x = Draw(Real(x_shape), DType::kF32, rng);
    ExpectValues(BroadcastTo(x, shape), shape, [&](const Place& place) {
      Place from(place.begin() + cut, place.end());
      for (int i = 0; i < x.rank(); ++i) {
        if (x.shape()[i] == 1) from[i] = 0;
      }
      return At(x, from);
    });
  }
}

TEST(BroadcastTo, TheSameShapeIsTheTensorItself) {
  const Tensor x = Zeros({2, 3});
  EXPECT_EQ(BroadcastTo(x, {2, 3}).array().get(), x.array().get());
}

TEST(BroadcastTo, NeverShrinks) {
  EXPECT_EQ(TextOf<ShapeError>([] {
              BroadcastTo(Zeros({2, 3}), {1, 3});
            }),
            "broadcast_to: the shape does not broadcast to [1,3]: f32 [2,3]");
  EXPECT_THROW(BroadcastTo(Zeros({2, 3}), {3}), ShapeError);
}

}  // namespace
}  // namespace adjoint
