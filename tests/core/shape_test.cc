#include "framework/core/shape.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "framework/base/error.h"

namespace adjoint {
namespace {

using Dims = std::vector<int64_t>;

// All lists of up to `rank` extents from 0 to 3.
std::vector<Dims> AllDims(int rank) {
  std::vector<Dims> all = {{}};
  for (size_t i = 0; i < all.size(); ++i) {
    if (static_cast<int>(all[i].size()) == rank) continue;
    for (int64_t extent = 0; extent <= 3; ++extent) {
      Dims longer = all[i];
      longer.push_back(extent);
      all.push_back(longer);
    }
  }
  return all;
}

// NumPy's rule: of the extents at one place, counted from the last, all that
// are not 1 are the same.
std::optional<Dims> BroadcastByRule(Dims a, Dims b) {
  while (a.size() < b.size()) a.insert(a.begin(), 1);
  while (b.size() < a.size()) b.insert(b.begin(), 1);
  Dims result;
  for (size_t i = 0; i < a.size(); ++i) {
    std::set<int64_t> extents = {a[i], b[i]};
    extents.erase(1);
    if (extents.size() > 1) return std::nullopt;
    result.push_back(extents.empty() ? 1 : *extents.begin());
  }
  return result;
}

template <class Fn>
std::string ShapeErrorOf(Fn fn) {
  try {
    fn();
  } catch (const ShapeError& e) {
    return e.what();
  }
  return "no ShapeError";
}

TEST(Shape, IsAScalarByDefault) {
  EXPECT_EQ(Shape().rank(), 0);
  EXPECT_EQ(Shape().size(), 1);
  EXPECT_EQ(Shape(), Shape({}));
}

TEST(Shape, HoldsTheExtentsItIsMadeOf) {
  for (const Dims& dims : AllDims(4)) {
    const Shape shape(dims);
    int64_t size = 1;
    for (const int64_t extent : dims) size *= extent;
    ASSERT_EQ(shape.rank(), dims.size());
    EXPECT_EQ(shape.size(), size);
    EXPECT_EQ(shape.dims(), absl::MakeConstSpan(dims));
    for (int i = 0; i < shape.rank(); ++i) {
      EXPECT_EQ(shape[i], dims[i]);
      EXPECT_EQ(shape[i - shape.rank()], dims[i]);
    }
  }
}

TEST(Shape, EqualsOnlyAShapeOfTheSameExtents) {
  const std::vector<Dims> all = AllDims(3);
  for (const Dims& a : all) {
    for (const Dims& b : all) EXPECT_EQ(Shape(a) == Shape(b), a == b);
  }
}

TEST(Shape, PrintsExtentsInBrackets) {
  EXPECT_EQ(Shape().ToString(), "[]");
  EXPECT_EQ(Shape({128, 784}).ToString(), "[128,784]");
  EXPECT_EQ(testing::PrintToString(Shape({0, 3})), "[0,3]");
}

TEST(Shape, TakesEightExtentsAndNotNine) {
  EXPECT_EQ(Shape(Dims(8, 2)).size(), 256);
  EXPECT_EQ(ShapeErrorOf([] { Shape(Dims(9, 2)); }),
            "a shape has at most 8 axes, not 9");
}

TEST(Shape, RejectsNegativeExtents) {
  EXPECT_THROW(Shape({-1}), ShapeError);
  EXPECT_THROW(Shape({0, -1}), ShapeError);
  EXPECT_THROW(Shape({2, std::numeric_limits<int64_t>::min()}), ShapeError);
  EXPECT_NE(ShapeErrorOf([] {
              Shape({2, -3});
            }).find("[2,-3]"),
            std::string::npos);
}

TEST(Shape, RejectsMoreThanTwoToThe59Elements) {
  const int64_t most = int64_t{1} << 59;
  EXPECT_EQ(Shape({most}).size(), most);
  EXPECT_EQ(Shape({1 << 30, 1 << 29}).size(), most);
  EXPECT_THROW(Shape({most + 1}), ShapeError);
  EXPECT_THROW(Shape({most, 2}), ShapeError);
  EXPECT_THROW(Shape({1 << 30, 1 << 30}), ShapeError);
  // Products that wrap around to a small number, even to zero.
  EXPECT_THROW(Shape({int64_t{1} << 32, int64_t{1} << 32}), ShapeError);
  EXPECT_THROW(Shape({3, 6148914691236517206}), ShapeError);
  EXPECT_THROW(Shape(Dims(8, 1 << 20)), ShapeError);
}

TEST(Shape, BoundsTheOtherExtentsBesideAZero) {
  EXPECT_EQ(Shape({0, 1 << 30}).size(), 0);
  EXPECT_THROW(Shape({0, int64_t{1} << 40, int64_t{1} << 40}), ShapeError);
  EXPECT_THROW(Shape({int64_t{1} << 40, int64_t{1} << 40, 0}), ShapeError);
}

TEST(Shape, CountsNegativeAxesFromTheEnd) {
  const Shape shape({2, 3, 5});
  for (int axis = 0; axis < 3; ++axis) {
    EXPECT_EQ(shape.Axis(axis), axis);
    EXPECT_EQ(shape.Axis(axis - 3), axis);
  }
}

TEST(Shape, RejectsAxesThatItHasNot) {
  for (int rank = 0; rank <= 4; ++rank) {
    const Shape shape(Dims(rank, 2));
    for (const int axis : {-rank - 1, rank, 1000, -1000}) {
      EXPECT_THROW(shape[axis], ShapeError);
      EXPECT_THROW(shape.Axis(axis), ShapeError);
      EXPECT_THROW(shape.With(axis, 1), ShapeError);
      EXPECT_THROW(shape.Without(axis), ShapeError);
    }
  }
  EXPECT_EQ(ShapeErrorOf([] {
              Shape({2, 3}).Axis(-3);
            }),
            "axis -3 is out of range for rank 2");
}

TEST(Shape, ReplacesOrRemovesOneExtent) {
  for (const Dims& dims : AllDims(3)) {
    const int rank = dims.size();
    for (int axis = -rank; axis < rank; ++axis) {
      const int i = axis < 0 ? axis + rank : axis;
      Dims with = dims;
      with[i] = 7;
      EXPECT_EQ(Shape(dims).With(axis, 7), Shape(with));
      Dims without = dims;
      without.erase(without.begin() + i);
      EXPECT_EQ(Shape(dims).Without(axis), Shape(without));
    }
  }
  EXPECT_THROW(Shape({2}).With(0, -1), ShapeError);
}

TEST(BroadcastShapes, FollowsTheRuleForAllSmallShapes) {
  const std::vector<Dims> all = AllDims(3);
  int fitting = 0;
  for (const Dims& a : all) {
    for (const Dims& b : all) {
      const std::optional<Dims> expected = BroadcastByRule(a, b);
      const std::optional<Shape> shape = BroadcastShapes(Shape(a), Shape(b));
      ASSERT_EQ(shape.has_value(), expected.has_value())
          << Shape(a) << " " << Shape(b);
      if (!expected) continue;
      ++fitting;
      EXPECT_EQ(*shape, Shape(*expected)) << Shape(a) << " " << Shape(b);
    }
  }
  // By counting: 10 of the 16 pairs of extents fit at one place.
  EXPECT_EQ(fitting,
            1 + 2 * (4 + 16 + 64) + 10 + 2 * (40 + 160) + 100 + 2 * 400 + 1000);
}

TEST(BroadcastShapes, LetsAZeroMeetAOneOnly) {
  EXPECT_EQ(BroadcastShapes({0}, {1}), Shape({0}));
  EXPECT_EQ(BroadcastShapes({1, 3}, {0, 1}), Shape({0, 3}));
  EXPECT_EQ(BroadcastShapes({0}, {2}), std::nullopt);
}

TEST(BroadcastShapes, ThrowsWhereTheResultIsTooLarge) {
  const int64_t many = int64_t{1} << 40;
  EXPECT_THROW(BroadcastShapes({many, 1}, {1, many}), ShapeError);
}

}  // namespace
}  // namespace adjoint
