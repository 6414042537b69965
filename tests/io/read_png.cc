#include "tests/io/read_png.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <cstdint>
#include <utility>

namespace adjoint::io {
namespace {

uint32_t At(const std::string& bytes, size_t i) {
  uint32_t n = 0;
  for (size_t k = i; k < i + 4; ++k) {
    n = n << 8 | static_cast<uint8_t>(bytes[k]);
  }
  return n;
}

}  // namespace

Picture ReadPng(const std::string& png) {
  EXPECT_EQ(png.substr(0, 8), "\x89PNG\r\n\x1a\n");
  Picture picture;
  std::string packed, palette, types;
  bool indexed = false;
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
      indexed = body[13] == 3;
      EXPECT_EQ(body.substr(14), std::string(3, 0));
    }
    if (type == "PLTE") palette = body.substr(4);
    if (type == "IDAT") packed = body.substr(4);
    i += 12 + length;
  }
  EXPECT_EQ(types, indexed ? "IHDR PLTE IDAT IEND " : "IHDR IDAT IEND ");
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
  if (!indexed) return picture;
  picture.channels = 3;
  for (const uint8_t i : std::exchange(picture.pixels, {})) {
    const std::string colour = palette.substr(3 * i, 3);
    picture.pixels.insert(picture.pixels.end(), colour.begin(), colour.end());
  }
  return picture;
}

}  // namespace adjoint::io
