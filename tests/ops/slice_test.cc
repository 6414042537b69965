#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <vector>

#include "framework/base/error.h"
#include "framework/base/rng.h"
#include "framework/core/catalog.h"
#include "framework/core/node.h"
#include "framework/core/observer.h"
#include "framework/core/tensor.h"
#include "framework/ops/shape.h"
#include "tests/ops/places.h"

namespace adjoint {
namespace {

TEST(Slice, TakesARangeAlongAnyAxis) {
  Rng rng(4);
  for (int trial = 0; trial < 300; ++trial) {
    const Tensor x = RandomTensor(1 + trial % 5, rng);
    const int axis = static_cast<int>(rng.NextBelow(x.rank()));
    const int64_t begin = rng.NextBelow(x.shape()[axis] + 1);
    const int64_t end = begin + rng.NextBelow(x.shape()[axis] - begin + 1);
    const int named = rng.NextBelow(2) ? axis : axis - x.rank();
    ExpectValues(Slice(x, named, begin, end), x.shape().With(axis, end - begin),
                 [&](Place place) {
                   place[axis] += begin;
                   return At(x, place);
                 });
  }
}

TEST(Slice, OfTheFirstAxisSharesMemory) {
  const Tensor x = Zeros({4, 5});
  EXPECT_EQ(Slice(x, 0, 1, 3).data<float>().data(), x.data<float>().data() + 5);
  EXPECT_EQ(Slice(x, -2, 2, 4).data<float>().data(),
            x.data<float>().data() + 10);
}

TEST(Slice, RefusesRangesOutsideTheAxis) {
  const Tensor x = Zeros({4, 5});
  EXPECT_EQ(TextOf<ShapeError>([&] { Slice(x, 0, 2, 5); }),
            "rows: range [2,5) is not within [0,4): f32 [4,5]");
  EXPECT_EQ(TextOf<ShapeError>([&] { Slice(x, 1, -1, 2); }),
            "slice: range [-1,2) is not within [0,5): f32 [4,5]");
  EXPECT_EQ(TextOf<ShapeError>([&] { Slice(x, 1, 3, 2); }),
            "slice: range [3,2) is not within [0,5): f32 [4,5]");
  EXPECT_THROW(Slice(x, 2, 0, 1), ShapeError);
  EXPECT_THROW(Slice(Zeros({}), 0, 0, 1), ShapeError);
}

TEST(Pad, PutsZerosInFrontAndBehind) {
  Rng rng(5);
  for (int trial = 0; trial < 300; ++trial) {
    const Tensor x = RandomTensor(1 + trial % 5, rng);
    const int axis = static_cast<int>(rng.NextBelow(x.rank()));
    const int64_t before = rng.NextBelow(4), after = rng.NextBelow(4);
    const int64_t extent = x.shape()[axis];
    const int named = rng.NextBelow(2) ? axis : axis - x.rank();
    ExpectValues(Pad(x, named, before, after),
                 x.shape().With(axis, before + extent + after),
                 [&](Place place) {
                   place[axis] -= before;
                   const bool inside = 0 <= place[axis] && place[axis] < extent;
                   return inside ? At(x, place) : 0;
                 });
  }
}

TEST(Pad, OfManyChunksIsRight) {
  const Tensor x = Reshape(Arange(2 * 40000), {2, 40000});
  ExpectValues(Pad(x, 1, 20000, 30000), {2, 90000}, [](const Place& p) {
    const bool inside = 20000 <= p[1] && p[1] < 60000;
    return inside ? p[0] * 40000 + p[1] - 20000 : 0;
  });
}

TEST(Pad, RefusesToCut) {
  EXPECT_EQ(TextOf<ShapeError>([] { Pad(Zeros({3}), 0, 1, -2); }),
            "pad: negative padding: 1 before, -2 after: f32 [3]");
}

TEST(Concat, PutsTensorsOneBehindTheOther) {
  Rng rng(6);
  for (int trial = 0; trial < 300; ++trial) {
    const Tensor first = RandomTensor(1 + trial % 5, rng);
    const int axis = static_cast<int>(rng.NextBelow(first.rank()));
    std::vector<Tensor> xs = {first};
    int64_t extent = first.shape()[axis];
    for (int64_t i = rng.NextBelow(4); i-- > 0;
         extent += xs.back().shape()[axis]) {
      xs.push_back(Draw(Real(first.shape().With(axis, rng.NextBelow(5))),
                        first.dtype(), rng));
    }
    const int named = rng.NextBelow(2) ? axis : axis - first.rank();
    ExpectValues(Concat(xs, named), first.shape().With(axis, extent),
                 [&](Place place) {
                   size_t i = 0;
                   while (place[axis] >= xs[i].shape()[axis]) {
                     place[axis] -= xs[i++].shape()[axis];
                   }
                   return At(xs[i], place);
                 });
  }
}

TEST(Concat, RefusesShapesThatDoNotFit) {
  EXPECT_EQ(TextOf<ShapeError>([] {
              Concat({Zeros({2, 3}), Zeros({2, 4})});
            }),
            "concat: shapes differ elsewhere than along axis 0: "
            "f32 [2,3], f32 [2,4]");
  EXPECT_THROW(Concat({Zeros({2}), Zeros({2, 1})}), ShapeError);
  EXPECT_THROW(Concat({}), ShapeError);
  EXPECT_THROW(Concat({Zeros({}), Zeros({})}), ShapeError);
}

TEST(Concat, CutsNoGradientThatNobodyAskedFor) {
  struct Counter final : Observer {
    void OnOp(const OpEvent&) override { ++count; }
    int count = 0;
  };
  const Tensor y = Concat({Leaf(Zeros({2})), Leaf(Zeros({3}))});
  std::array<Tensor, 2> dx;
  Counter counter;
  ObserverScope scope(&counter);
  y.node()->Vjp(FromValues({5}, {1, 2, 3, 4, 5}), {false, true},
                absl::MakeSpan(dx));
  EXPECT_EQ(counter.count, 1);
  ExpectValues(dx[1], {3}, [](const Place& p) { return p[0] + 3; });
}

TEST(Stack, JoinsAlongANewAxis) {
  Rng rng(7);
  for (int trial = 0; trial < 300; ++trial) {
    std::vector<Tensor> xs = {RandomTensor(trial % 5, rng)};
    const Tensor first = xs[0];
    for (int64_t i = rng.NextBelow(4); i-- > 0;) {
      xs.push_back(Draw(Real(first.shape()), first.dtype(), rng));
    }
    const int axis = static_cast<int>(rng.NextBelow(first.rank() + 1));
    std::vector<int64_t> dims(first.shape().dims().begin(),
                              first.shape().dims().end());
    dims.insert(dims.begin() + axis, xs.size());
    const int named = rng.NextBelow(2) ? axis : axis - first.rank() - 1;
    ExpectValues(Stack(xs, named), Shape(dims), [&](Place place) {
      const int64_t i = place[axis];
      place.erase(place.begin() + axis);
      return At(xs[i], place);
    });
  }
}

TEST(Stack, RefusesWhatDoesNotFit) {
  EXPECT_EQ(TextOf<ShapeError>([] {
              Stack({Zeros({2, 3}), Zeros({3, 2})});
            }),
            "stack: shapes differ: f32 [2,3], f32 [3,2]");
  EXPECT_EQ(TextOf<ShapeError>([] { Stack({Zeros({2})}, 2); }),
            "stack: axis 2 is out of range for rank 2: f32 [2]");
  EXPECT_THROW(Stack({Zeros({2})}, -3), ShapeError);
  EXPECT_THROW(Stack({}), ShapeError);
  EXPECT_THROW(Stack({Zeros({2}), Zeros({2}, DType::kF64)}), DTypeError);
}

TEST(Split, IsTheInverseOfConcat) {
  Rng rng(8);
  for (int trial = 0; trial < 300; ++trial) {
    const Tensor x = RandomTensor(1 + trial % 5, rng);
    const int axis = static_cast<int>(rng.NextBelow(x.rank()));
    const int named = rng.NextBelow(2) ? axis : axis - x.rank();
    std::vector<int64_t> sizes;
    for (int64_t rest = x.shape()[axis]; rest > 0; rest -= sizes.back()) {
      sizes.push_back(rng.NextBelow(rest + 1));
    }
    if (sizes.empty()) sizes.push_back(0);
    const std::vector<Tensor> pieces = Split(x, sizes, named);
    ASSERT_EQ(pieces.size(), sizes.size());
    int64_t begin = 0;
    for (size_t i = 0; i < sizes.size(); ++i) {
      ExpectValues(pieces[i], x.shape().With(axis, sizes[i]), [&](Place place) {
        place[axis] += begin;
        return At(x, place);
      });
      begin += sizes[i];
    }
  }
}

TEST(SplitEvenly, MakesPiecesOfOneSize) {
  const std::vector<Tensor> pieces = SplitEvenly(Arange(6), 3);
  ASSERT_EQ(pieces.size(), 3u);
  for (int i = 0; i < 3; ++i) {
    ExpectValues(pieces[i], {2}, [&](const Place& p) { return 2 * i + p[0]; });
  }
  EXPECT_EQ(SplitEvenly(Zeros({2, 8}), 4, -1)[3].shape(), Shape({2, 2}));
}

TEST(Split, RefusesSizesThatDoNotAddUp) {
  const Tensor x = Zeros({2, 5});
  EXPECT_EQ(TextOf<ShapeError>([&] {
              Split(x, {2, 2}, 1);
            }),
            "split: the sizes add up to 4, the axis is 5 long: f32 [2,5]");
  EXPECT_EQ(TextOf<ShapeError>([&] { SplitEvenly(x, 2, 1); }),
            "split: an axis 5 long in 2 parts: f32 [2,5]");
  EXPECT_THROW(Split(x, {2, 4}, 1), ShapeError);
  EXPECT_THROW(Split(x, {6, -1}, 1), ShapeError);
  EXPECT_THROW(Split(x, {}, 0), ShapeError);
  EXPECT_THROW(SplitEvenly(x, 0, 1), ShapeError);
  EXPECT_THROW(SplitEvenly(x, 1, 2), ShapeError);
}

}  // namespace
}  // namespace adjoint
