#include "framework/io/picture.h"

#include <zlib.h>

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "framework/base/error.h"
#include "framework/base/file.h"

namespace adjoint::io {
namespace {

constexpr uint8_t kWhite = 255;

// Writes a square of `zoom` by `zoom` pixels whose upper left is (row, col).
void Put(Picture& picture, int64_t row, int64_t col, int64_t zoom,
         const uint8_t* colour) {
  for (int64_t r = row; r < row + zoom; ++r) {
    for (int64_t c = col; c < col + zoom; ++c) {
      std::copy_n(
          colour, picture.channels,
          picture.pixels.begin() + (r * picture.cols + c) * picture.channels);
    }
  }
}

std::string BigEndian(uint32_t n) {
  return {static_cast<char>(n >> 24), static_cast<char>(n >> 16),
          static_cast<char>(n >> 8), static_cast<char>(n)};
}

// Length, type, content, checksum of type and content.
std::string Chunk(absl::string_view type, absl::string_view content) {
  const std::string body = absl::StrCat(type, content);
  const uLong crc = crc32(0, reinterpret_cast<const Bytef*>(body.data()),
                          static_cast<uInt>(body.size()));
  return absl::StrCat(BigEndian(static_cast<uint32_t>(content.size())), body,
                      BigEndian(static_cast<uint32_t>(crc)));
}

}  // namespace

uint8_t ByteOf(double value) {
  return value > 0
             ? static_cast<uint8_t>(std::lround(255 * std::min(value, 1.)))
             : 0;
}

std::array<uint8_t, 3> BlueToRed(double value) {
  return {ByteOf(1 + value), ByteOf(1 - std::abs(value)), ByteOf(1 - value)};
}

Picture Grid(const Tensor& images, const GridOptions& options) {
  if (images.rank() != 3 || images.shape()[0] == 0) {
    throw ShapeError(
        absl::StrCat("grid: images [n, h, w] wanted, not ", Signature(images)));
  }
  if (options.columns < 1 || options.gap < 0 || options.zoom < 1) {
    throw ValueError(absl::StrCat("grid: ", options.columns, " columns, gap ",
                                  options.gap, ", zoom ", options.zoom,
                                  ": must be at least 1, 0 and 1"));
  }
  const int64_t n = images.shape()[0], h = images.shape()[1];
  const int64_t w = images.shape()[2], zoom = options.zoom;
  const int64_t columns = std::min(options.columns, n);
  const int64_t down = h * zoom + options.gap, right = w * zoom + options.gap;
  Picture grid = {.rows = (n + columns - 1) / columns * down - options.gap,
                  .cols = columns * right - options.gap};
  grid.pixels.assign(grid.rows * grid.cols, kWhite);
  VisitFloat(images.dtype(), [&](auto zero) {
    const auto* x = images.data<decltype(zero)>().data();
    for (int64_t i = 0; i < images.size(); ++i) {
      const int64_t image = i / (h * w), r = i / w % h, c = i % w;
      const uint8_t grey = ByteOf(static_cast<double>(x[i]));
      Put(grid, image / columns * down + r * zoom,
          image % columns * right + c * zoom, zoom, &grey);
    }
  });
  return grid;
}

Picture HeatMap(const Tensor& field, double low, double high, int64_t zoom) {
  if (field.rank() != 2) {
    throw ShapeError(
        absl::StrCat("heat_map: field [h, w] wanted, not ", Signature(field)));
  }
  if (!(low < high) || zoom < 1) {
    throw ValueError(absl::StrCat("heat_map: from ", low, " to ", high,
                                  ", zoom ", zoom,
                                  ": must rise, and be at least 1"));
  }
  const int64_t h = field.shape()[0], w = field.shape()[1];
  Picture map = {.rows = h * zoom, .cols = w * zoom, .channels = 3};
  map.pixels.resize(map.rows * map.cols * 3);
  VisitFloat(field.dtype(), [&](auto zero) {
    const auto* x = field.data<decltype(zero)>().data();
    for (int64_t i = 0; i < field.size(); ++i) {
      const std::array<uint8_t, 3> colour =
          BlueToRed(2 * (static_cast<double>(x[i]) - low) / (high - low) - 1);
      Put(map, i / w * zoom, i % w * zoom, zoom, colour.data());
    }
  });
  return map;
}

std::string EncodePng(const Picture& picture) {
  const int64_t width = picture.cols * picture.channels;
  ADJOINT_CHECK(static_cast<int64_t>(picture.pixels.size()) ==
                picture.rows * width);
  // Each row with its filter in front: none.
  std::string raw;
  for (int64_t r = 0; r < picture.rows; ++r) {
    raw.push_back(0);
    raw.append(picture.pixels.begin() + r * width,
               picture.pixels.begin() + (r + 1) * width);
  }
  // A layer's weights are larger by a tenth than at the best level, in a
  // fifteenth of the time: two milliseconds, a percent of a short epoch.
  constexpr int kLevel = 1;
  uLongf size = compressBound(raw.size());
  std::string packed(size, 0);
  ADJOINT_CHECK(compress2(reinterpret_cast<Bytef*>(&packed[0]), &size,
                          reinterpret_cast<const Bytef*>(raw.data()),
                          raw.size(), kLevel) == Z_OK);
  packed.resize(size);
  std::string header =
      absl::StrCat(BigEndian(static_cast<uint32_t>(picture.cols)),
                   BigEndian(static_cast<uint32_t>(picture.rows)));
  const bool indexed = !picture.palette.empty();
  // 8 bits; indices, colour or grey; the standard's only compression and
  // filter; rows in order.
  header += {8,
             static_cast<char>(indexed                 ? 3
                               : picture.channels == 3 ? 2
                                                       : 0),
             0, 0, 0};
  std::string colours;
  for (const auto& colour : picture.palette) {
    colours.append(colour.begin(), colour.end());
  }
  return absl::StrCat("\x89PNG\r\n\x1a\n", Chunk("IHDR", header),
                      indexed ? Chunk("PLTE", colours) : "",
                      Chunk("IDAT", packed), Chunk("IEND", ""));
}

absl::Status WritePng(const std::string& path, const Picture& picture) {
  return WriteFileAtomically(path, EncodePng(picture));
}

}  // namespace adjoint::io
