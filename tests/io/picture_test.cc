#include "framework/io/picture.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "framework/adjoint.h"

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

TEST(HeatMap, GoesFromBlueThroughWhiteToRed) {
  const Picture map = HeatMap(FromValues({1, 4}, {-1, 0, 1, 9}), -1, 1);
  EXPECT_EQ(map.channels, 3);
  EXPECT_EQ(map.pixels, (Bytes{0, 0, 255, 255, 255, 255, 255, 0, 0,  //
                               255, 0, 0}));
  EXPECT_EQ(HeatMap(Zeros({2, 3}), -1, 1, 4).rows, 8);
  EXPECT_THROW(HeatMap(Zeros({2}), 0, 1), ShapeError);
}

uint32_t At(const std::string& bytes, size_t i) {
  uint32_t n = 0;
  for (size_t k = i; k < i + 4; ++k) {
    n = n << 8 | static_cast<uint8_t>(bytes[k]);
  }
  return n;
}

// Reads a file by the standard's rules.
Picture Decode(const std::string& png) {
  EXPECT_EQ(png.substr(0, 8), "\x89PNG\r\n\x1a\n");
  Picture picture;
  std::string packed, types;
  for (size_t i = 8; i < png.size();) {
    const uint32_t length = At(png, i);
    const std::string body = png.substr(i + 4, 4 + length);
    EXPECT_EQ(At(png, i + 8 + length),
              crc32(0, reinterpret_cast<const Bytef*>(body.data()),
                    static_cast<uInt>(body.size())));
    const std::string type = body.substr(0, 4);
    types += type + " ";
    if (type == "IHDR") {
      picture.cols = At(body, 4);
      picture.rows = At(body, 8);
      EXPECT_EQ(body[12], 8);
      picture.channels = body[13] == 2 ? 3 : 1;
      EXPECT_EQ(body.substr(14), std::string(3, 0));
    }
    if (type == "IDAT") packed = body.substr(4);
    i += 12 + length;
  }
  EXPECT_EQ(types, "IHDR IDAT IEND ");
  const size_t width = picture.cols * picture.channels;
  std::string raw(picture.rows * (width + 1), 1);
  uLongf size = raw.size();
  EXPECT_EQ(
      uncompress(reinterpret_cast<Bytef*>(&raw[0]), &size,
                 reinterpret_cast<const Bytef*>(packed.data()), packed.size()),
      Z_OK);
  EXPECT_EQ(size, raw.size());
  for (int64_t r = 0; r < picture.rows; ++r) {
    EXPECT_EQ(raw[r * (width + 1)], 0);
    picture.pixels.insert(picture.pixels.end(),
                          raw.begin() + r * (width + 1) + 1,
                          raw.begin() + (r + 1) * (width + 1));
  }
  return picture;
}

TEST(EncodePng, GivesWhatTheStandardReadsBack) {
  const Picture grey = {.rows = 2, .cols = 3, .pixels = {1, 2, 3, 250, 0, 255}};
  EXPECT_EQ(Decode(EncodePng(grey)).pixels, grey.pixels);
  const Picture colour = HeatMap(Reshape(Arange(300), {10, 30}), 0, 300, 3);
  const Picture back = Decode(EncodePng(colour));
  EXPECT_EQ(back.rows, 30);
  EXPECT_EQ(back.cols, 90);
  EXPECT_EQ(back.pixels, colour.pixels);
}

TEST(WritePng, SaysWhyItCannot) {
  EXPECT_FALSE(WritePng("/no/such/folder/a.png", {}).ok());
}

}  // namespace
}  // namespace adjoint::io
