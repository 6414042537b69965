#include "framework/ops/shape.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <functional>
#include <numeric>
#include <string>
#include <vector>

#include "framework/base/error.h"
#include "framework/base/rng.h"
#include "framework/core/catalog.h"
#include "framework/core/node.h"
#include "framework/core/observer.h"
#include "framework/core/tensor.h"

namespace adjoint {
namespace {

using Place = std::vector<int64_t>;

// All places of an array of this shape, in row-major order.
std::vector<Place> Places(const Shape& shape) {
  std::vector<Place> places = {{}};
  for (int64_t extent : shape.dims()) {
    std::vector<Place> longer;
    for (const Place& place : places) {
      for (int64_t i = 0; i < extent; ++i) {
        longer.push_back(place);
        longer.back().push_back(i);
      }
    }
    places = longer;
  }
  return places;
}

double At(const Tensor& x, const Place& place) {
  int64_t offset = 0;
  for (int i = 0; i < x.rank(); ++i) offset = offset * x.shape()[i] + place[i];
  return VisitFloat(x.dtype(), [&](auto zero) {
    return static_cast<double>(x.data<decltype(zero)>()[offset]);
  });
}

// Expects y to have `shape` and at each place the value that `f` names.
void ExpectValues(const Tensor& y, const Shape& shape,
                  const std::function<double(const Place&)>& f) {
  ASSERT_EQ(y.shape(), shape);
  for (const Place& place : Places(shape)) {
    ASSERT_EQ(At(y, place), f(place)) << "in " << shape;
  }
}

// A random tensor of `rank`, now f32 and now f64, with extents that are small,
// now and then 0 or 1, or cross the borders of tiles.
Tensor RandomTensor(int rank, Rng& rng) {
  constexpr std::array<int64_t, 9> kExtents = {2, 3, 5, 4, 1, 0, 16, 17, 35};
  std::vector<int64_t> dims(rank);
  for (int64_t& extent : dims) {
    extent = kExtents[rng.NextBelow(rank > 3 ? 5 : kExtents.size())];
  }
  return Draw(Real(Shape(dims)), rng.NextBelow(2) ? DType::kF64 : DType::kF32,
              rng);
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
