#include "framework/io/picture.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "framework/adjoint.h"
#include "tests/io/read_png.h"

namespace adjoint::io {
namespace {

using Bytes = std::vector<uint8_t>;

TEST(Grid, PutsImagesBesideAndBelowEachOtherWithWhiteBetween) {
  const Tensor images = FromValues({3, 1, 2}, {0, 1, 0.2, 0.4, 0.6, 0.8});
  const Picture grid = Grid(images, {.columns = 2, .gap = 1});
  EXPECT_EQ(grid.rows, 3);
  EXPECT_EQ(grid.cols, 5);
  EXPECT_EQ(grid.channels, 1);
  EXPECT_EQ(grid.pixels, (Bytes{0, 255, 255, 51, 102,     //
                                255, 255, 255, 255, 255,  //
                                153, 204, 255, 255, 255}));
}

TEST(Grid, ClipsAndZooms) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const Picture grid = Grid(FromValues({1, 1, 3}, {-5, 7, nan}), {.zoom = 2});
  EXPECT_EQ(grid.rows, 2);
  EXPECT_EQ(grid.cols, 6);
  EXPECT_EQ(grid.pixels, (Bytes{0, 0, 255, 255, 0, 0,  //
                                0, 0, 255, 255, 0, 0}));
  EXPECT_EQ(Grid(FromValues<double>({1, 1, 1}, {0.5})).pixels, Bytes{128});
}

TEST(Grid, RefusesWhatIsNoListOfImages) {
  EXPECT_THROW(Grid(Zeros({2, 2})), ShapeError);
  EXPECT_THROW(Grid(Zeros({0, 2, 2})), ShapeError);
}

TEST(Grid, RefusesOptionsOutOfRange) {
  const Tensor image = Zeros({1, 2, 2});
  EXPECT_THROW(Grid(image, {.columns = 0}), ValueError);
  EXPECT_THROW(Grid(image, {.gap = -1}), ValueError);
  EXPECT_THROW(Grid(image, {.zoom = 0}), ValueError);
}

TEST(HeatMap, GoesFromBlueThroughWhiteToRed) {
  const Picture map = HeatMap(FromValues({1, 4}, {-1, 0, 1, 9}), -1, 1);
  EXPECT_EQ(map.channels, 3);
  EXPECT_EQ(map.pixels, (Bytes{0, 0, 255, 255, 255, 255, 255, 0, 0,  //
                               255, 0, 0}));
  EXPECT_EQ(HeatMap(Zeros({2, 3}), -1, 1, 4).rows, 8);
  EXPECT_THROW(HeatMap(Zeros({2}), 0, 1), ShapeError);
  const Tensor field = Zeros({2, 2});
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THROW(HeatMap(field, 1, 1), ValueError);
  EXPECT_THROW(HeatMap(field, 0, nan), ValueError);
  EXPECT_THROW(HeatMap(field, 0, 1, 0), ValueError);
}

TEST(EncodePng, GivesWhatTheStandardReadsBack) {
  const Picture grey = {.rows = 2, .cols = 3, .pixels = {1, 2, 3, 250, 0, 255}};
  EXPECT_EQ(ReadPng(EncodePng(grey)).pixels, grey.pixels);
  const Picture colour = HeatMap(Reshape(Arange(300), {10, 30}), 0, 300, 3);
  const Picture back = ReadPng(EncodePng(colour));
  EXPECT_EQ(back.rows, 30);
  EXPECT_EQ(back.cols, 90);
  EXPECT_EQ(back.pixels, colour.pixels);
  const Picture indexed = {.rows = 1,
                           .cols = 3,
                           .pixels = {1, 0, 1},
                           .palette = {{7, 8, 9}, {255, 0, 1}}};
  EXPECT_EQ(ReadPng(EncodePng(indexed)).pixels,
            (Bytes{255, 0, 1, 7, 8, 9, 255, 0, 1}));
}

TEST(WritePng, SaysWhyItCannot) {
  EXPECT_FALSE(WritePng("/no/such/folder/a.png", {}).ok());
}

}  // namespace
}  // namespace adjoint::io
