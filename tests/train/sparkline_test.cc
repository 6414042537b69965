#include "framework/train/sparkline.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace adjoint::train {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(Sparkline, DrawsEightHeightsFromTheSmallestToTheLargest) {
  EXPECT_EQ(Sparkline({0, 1, 2, 3, 4, 5, 6, 7}), "▁▂▃▄▅▆▇█");
  EXPECT_EQ(Sparkline({-10, 90, 40}), "▁█▅");
}

TEST(Sparkline, DrawsInAsciiWithoutUtf8) {
  EXPECT_EQ(Sparkline({0, 1, 2, 3, 4, 5, 6, 7}, {.utf8 = false}), "_.:-=+*#");
}

TEST(Sparkline, AveragesOverStretchesWhereThereAreMoreValuesThanCells) {
  // Means 1, 8 and 4.5: the lowest, the highest and half-way.
  EXPECT_EQ(Sparkline({0, 2, 7, 9, 4, 5}, {.cells = 3}), "▁█▅");
  EXPECT_EQ(Sparkline(std::vector<double>(1000, 3), {.utf8 = false}).size(),
            20u);
}

TEST(Sparkline, DrawsAConstantSeriesLow) {
  EXPECT_EQ(Sparkline({5, 5, 5}), "▂▂▂");
  EXPECT_EQ(Sparkline({0}), "▂");
}

TEST(Sparkline, MarksStretchesWithoutAFiniteValue) {
  EXPECT_EQ(Sparkline({0, kNan, 7, kInfinity}), "▁?█?");
  EXPECT_EQ(Sparkline({kNan, kNan}), "??");
  // The mean of a stretch is that of its finite values.
  EXPECT_EQ(Sparkline({kNan, 0, 7, kNan}, {.cells = 2}), "▁█");
}

TEST(Sparkline, DoesNotOverflow) {
  const double most = std::numeric_limits<double>::max();
  EXPECT_EQ(Sparkline({-most, most, most, most}, {.cells = 4}), "▁███");
  EXPECT_EQ(Sparkline({most, most, -most, -most}, {.cells = 2}), "█▁");
}

TEST(Sparkline, IsEmptyWithoutValues) { EXPECT_EQ(Sparkline({}), ""); }

}  // namespace
}  // namespace adjoint::train
